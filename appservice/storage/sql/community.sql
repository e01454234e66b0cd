-- name: pushed
SELECT version, digest, rules, checked_at FROM community_policy

-- name: next_version
UPDATE community_policy SET tried = greatest(tried, version, $1) + 1 RETURNING tried

-- name: digests
SELECT user_id, digest FROM community_person

-- name: entries
SELECT user_id, entry FROM community_person

-- name: around
SELECT around FROM community_policy

-- name: taken
UPDATE community_policy
SET version = $1, digest = $2, rules = $3, around = $4::jsonb, checked_at = $5

-- name: checked
UPDATE community_policy SET checked_at = $1

-- name: keep
INSERT INTO community_person (user_id, digest, entry)
SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[])
ON CONFLICT (user_id) DO UPDATE SET digest = EXCLUDED.digest, entry = EXCLUDED.entry

-- name: drop
DELETE FROM community_person WHERE user_id = ANY($1::text[])
