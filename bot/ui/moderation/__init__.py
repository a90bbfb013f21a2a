"""What changes of a policy look like."""
