-- name: drop
DELETE FROM diary_lesson WHERE source = $1 AND day >= $2

-- name: put
INSERT INTO diary_lesson (source, school, place, day, lesson, begins, subject, room, cancelled)
SELECT $1, $2, new.* FROM unnest(
    $3::text[], $4::date[], $5::smallint[], $6::text[], $7::text[], $8::text[], $9::boolean[]
) AS new

-- name: of_places
SELECT place, day, lesson, begins, subject, room, cancelled FROM diary_lesson
WHERE place = ANY($2::text[]) AND day BETWEEN $3 AND $4 AND school = $1 AND source = ANY($5::text[])
ORDER BY day, lesson, begins, subject, place

-- name: forget
DELETE FROM diary_lesson WHERE day < $1
