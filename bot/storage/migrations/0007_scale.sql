-- Whom a counter is about stands at the end of its name: "member/<server>/<member>".
CREATE INDEX meter_of ON meter (SUBSTR(name, LENGTH(RTRIM(name, '0123456789')) + 1));

-- Everything of one member, in batches.
CREATE INDEX generation_of_member_by_id ON generation (member, id);

-- What somebody changed as a moderator, and what is kept no longer.
CREATE INDEX policy_changed_by ON policy (changed_by, changed_at);
CREATE INDEX policy_changed_at ON policy (changed_at);
