-- name: note
INSERT INTO audit_log (at, actor, action, object, details, cause)
VALUES ($1, $2, $3, $4, $5::jsonb, $6)
ON CONFLICT (cause) DO NOTHING
RETURNING number

-- name: since
SELECT number, at, actor, action, object, details FROM audit_log
WHERE at >= $1 AND number > $2 ORDER BY number LIMIT $3

-- name: latest
SELECT number, at, actor, action, object, details FROM audit_log
WHERE ($2::text[] IS NULL OR object = ANY($2::text[])) AND action <> $3
ORDER BY number DESC LIMIT $1
