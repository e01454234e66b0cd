-- name: judged
-- Only what this transaction takes out was not recorded by anybody else.
DELETE FROM inbound_event WHERE number = ANY($1::bigint[]) RETURNING event_id

-- name: record
INSERT INTO drift (room, who, kind, type, state_key, before, after, event_id, at, times, slowed, outcome, undone_at)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::timestamptz[], $10::integer[], $11::boolean[], $12::text[], $13::timestamptz[]
)
ON CONFLICT (event_id) DO NOTHING

-- name: undone
SELECT type, state_key, undone_at FROM drift WHERE room = $1 AND undone_at > $2 ORDER BY number

-- name: since
SELECT room, who, kind, type, state_key, before, after, event_id, at, times, slowed, outcome, undone_at
FROM drift WHERE undone_at > $1 ORDER BY number DESC LIMIT $2

-- name: of_room
SELECT room, who, kind, type, state_key, before, after, event_id, at, times, slowed, outcome, undone_at
FROM drift WHERE undone_at > $1 AND room = $2 ORDER BY number DESC LIMIT $3

-- name: forget
DELETE FROM drift WHERE undone_at < $1

-- name: room_of
SELECT key FROM room WHERE room_id = $1 AND ours AND key IS NOT NULL

-- name: neighbours
SELECT key, room_id FROM room
WHERE kept AND (key = ANY($1::text[]) OR room_id = ANY($2::text[]))

-- name: managed
SELECT user_id FROM account WHERE user_id = ANY($1::text[])
