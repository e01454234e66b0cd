-- Who may open the diary page: links that can be used once, and sessions. Of their secrets the
-- SHA-256 alone is kept.

CREATE TABLE page_link (
    digest bytea PRIMARY KEY,
    person_id text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE page_session (
    digest bytea PRIMARY KEY,
    person_id text COLLATE "C" NOT NULL,
    way text NOT NULL,                            -- link or widget
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX page_session_person ON page_session (person_id, opened_at);
