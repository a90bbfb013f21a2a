"""What members may do: the policy, the meters and windows that count, and the rules that decide."""
