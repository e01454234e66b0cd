-- name: of
SELECT stamp, memory, accepted FROM diary_pull WHERE source = $1

-- name: keep
INSERT INTO diary_pull (source, stamp, memory, read_at, stopped) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (source) DO UPDATE SET
    stamp = excluded.stamp, memory = excluded.memory, read_at = excluded.read_at,
    stopped = excluded.stopped, accepted = ''

-- name: stopped
SELECT source FROM diary_pull WHERE stopped <> '' ORDER BY source

-- name: accept
-- It is read again, whatever it was read last.
UPDATE diary_pull SET accepted = stopped, stopped = '', stamp = ''
WHERE source = $1 AND stopped <> ''
RETURNING source

-- name: memories
SELECT source, memory FROM diary_pull ORDER BY source FOR UPDATE

-- name: remember
UPDATE diary_pull SET memory = $2 WHERE source = $1
