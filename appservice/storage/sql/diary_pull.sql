-- name: of
SELECT stamp, memory FROM diary_pull WHERE source = $1

-- name: keep
INSERT INTO diary_pull (source, stamp, memory, read_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (source) DO UPDATE SET
    stamp = excluded.stamp, memory = excluded.memory, read_at = excluded.read_at

-- name: memories
SELECT source, memory FROM diary_pull ORDER BY source FOR UPDATE

-- name: remember
UPDATE diary_pull SET memory = $2 WHERE source = $1
