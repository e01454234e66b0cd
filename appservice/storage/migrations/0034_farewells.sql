-- Since when somebody of whom the diary knows is in the roster no more. After a while it forgets them.
CREATE TABLE diary_farewell (
    person_id text COLLATE "C" PRIMARY KEY,
    since date NOT NULL
);
