-- name: state
SELECT paused_at, paused_by, told FROM sync_state

-- name: pause
UPDATE sync_state SET paused_at = $1, paused_by = $2 WHERE paused_at IS NULL

-- name: resume
UPDATE sync_state SET paused_at = NULL, paused_by = ''

-- name: tell
UPDATE sync_state SET told = $1 WHERE told <> $1
