-- name: ours_of
-- Also rooms that we have just been removed from.
SELECT room_id FROM room WHERE ours AND key IS NOT NULL AND room_id = ANY($1::text[])

-- name: keep_events
INSERT INTO inbound_event (room_id, type, state_key, content, sender, event_id, sent_ms)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
ON CONFLICT (event_id) DO NOTHING

-- name: keep_messages
INSERT INTO inbound_message (room_id, kind, body, relates_to, thread, sender, event_id, sent_ms)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[]
)
ON CONFLICT (event_id) DO NOTHING
RETURNING number

-- name: events
SELECT number, room_id, type, state_key, content, sender, event_id, sent_ms FROM inbound_event
WHERE room_id = $1 ORDER BY number

-- name: judged
DELETE FROM inbound_event WHERE number = ANY($1::bigint[])

-- name: message
SELECT room_id, kind, body, relates_to, thread, sender, event_id, sent_ms FROM inbound_message
WHERE number = $1

-- name: answered
DELETE FROM inbound_message WHERE number = $1
