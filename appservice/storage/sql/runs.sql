-- name: began
INSERT INTO run (kind, started_at, digest, planned) VALUES ($1, $2, $3, $4::jsonb) RETURNING number

-- name: ended
UPDATE run SET ended_at = $2, outcome = $3, left_over = $4::jsonb WHERE number = $1

-- name: latest
SELECT number, kind, started_at, ended_at, digest, planned, outcome, left_over
FROM run ORDER BY number DESC LIMIT $1

-- name: has_completed
SELECT EXISTS (SELECT FROM run WHERE kind = $1 AND outcome = 'done')

-- name: last_began
SELECT max(started_at) FROM run WHERE kind = $1 AND outcome = ANY($2::text[])
