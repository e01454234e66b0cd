-- How the keeping in line with the roster stands, for every process of the deployment. One row.
CREATE TABLE sync_state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    paused_at timestamptz,               -- null: it goes on
    paused_by text NOT NULL DEFAULT '',  -- user id, or who it was at a terminal
    told text NOT NULL DEFAULT ''        -- what people were told last and was not settled since
);
INSERT INTO sync_state DEFAULT VALUES;
