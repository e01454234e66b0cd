-- name: personal_room
SELECT diary_room.room, diary_room.school, diary_room.person_id
FROM diary_room JOIN room ON room.key = diary_room.room AND room.kept
WHERE room.room_id = $1

-- name: told
SELECT entry.source, entry.external_id
FROM diary_sent AS sent JOIN diary_entry AS entry ON entry.number = sent.entry
WHERE sent.room = $1 AND sent.message = $2
ORDER BY entry.number
