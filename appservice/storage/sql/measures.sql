-- name: give
INSERT INTO measure (kind, school_id, room, user_id, given_by, reason, began_at, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING number

-- name: lift
UPDATE measure SET lifted_at = $3, lifted_by = $2
WHERE number = ANY($1::bigint[]) AND lifted_at IS NULL AND (until IS NULL OR until > $3)

-- name: told
SELECT number, kind, school_id, room, user_id, given_by, began_at, until, lifted_at, reason
FROM measure
WHERE (lifted_at IS NULL OR lifted_at > $1) AND (until IS NULL OR until > $1)
ORDER BY number
