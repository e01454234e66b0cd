-- name: keep_confirmation
INSERT INTO confirmation (code, asked_event, room_id, asker, request, digest, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING

-- name: prompted
UPDATE confirmation SET prompt_event = $2 WHERE asked_event = $1

-- name: confirmation
SELECT code, asked_event, room_id, asker, request, digest, expires_at, used_by FROM confirmation
WHERE room_id = $1 AND digest <> '' AND (code = $2 OR (prompt_event = $3 AND prompt_event <> ''))

-- name: choice
SELECT code, asked_event, room_id, asker, request, digest, expires_at, used_by FROM confirmation
WHERE room_id = $1 AND digest = '' AND ((prompt_event = $3 AND $3 <> '') OR (asker = $2 AND $3 = ''))
ORDER BY expires_at DESC LIMIT 1

-- name: use
UPDATE confirmation SET used_by = $2
WHERE code = $1 AND (used_by = $2 OR (used_by IS NULL AND expires_at > $3))
RETURNING true

-- name: forget_old
DELETE FROM confirmation WHERE expires_at < $1

-- name: room_id
SELECT room_id FROM admin_room

-- name: keep_room
INSERT INTO admin_room (room_id) VALUES ($1)
ON CONFLICT (one) DO UPDATE SET room_id = EXCLUDED.room_id

-- name: was_reported
SELECT EXISTS (SELECT FROM admin_report WHERE matter = $1)

-- name: reported
INSERT INTO admin_report (matter) VALUES ($1) ON CONFLICT DO NOTHING

-- name: settled
DELETE FROM admin_report WHERE starts_with(matter, $1)
