-- +goose Up
CREATE TABLE notify_choice (
	person    TEXT COLLATE "C" NOT NULL,
	topic     TEXT COLLATE "C" NOT NULL,
	frequency TEXT NOT NULL,             -- now, daily, weekly, off
	PRIMARY KEY (person, topic)
);

CREATE TABLE notify_person (
	person  TEXT COLLATE "C" PRIMARY KEY,
	mail    BOOLEAN NOT NULL,            -- false: no mail at all, whatever the topics say
	quiet   BOOLEAN NOT NULL,            -- keep the night free
	refused INTEGER NOT NULL             -- mail that the address refused for good, in a row
);

-- Events whose people are still to be told, in the order of the log.
CREATE TABLE notify_todo (
	seq   BIGINT PRIMARY KEY,
	event TEXT COLLATE "C" NOT NULL,
	after TEXT COLLATE "C" NOT NULL      -- the last follower who was told
);

CREATE TABLE notify_item (
	id          TEXT COLLATE "C" PRIMARY KEY,
	person      TEXT COLLATE "C" NOT NULL,
	event       TEXT COLLATE "C" NOT NULL,
	topic       TEXT COLLATE "C" NOT NULL,
	direct      BOOLEAN NOT NULL,        -- about the person, not only about what they follow
	class       TEXT COLLATE "C" NOT NULL, -- how it is sent: now, daily, weekly, off
	verb        TEXT COLLATE "C" NOT NULL,
	record_kind TEXT COLLATE "C" NOT NULL,
	record      TEXT COLLATE "C" NOT NULL,
	actor       TEXT COLLATE "C" NOT NULL,
	at          BIGINT NOT NULL,         -- when it came into the inbox
	read_at     BIGINT,
	window_id   TEXT COLLATE "C",        -- in which letter it was; null until then
	UNIQUE (person, event)
);
CREATE INDEX notify_item_inbox ON notify_item (person, id);
CREATE INDEX notify_item_open ON notify_item (class, person, at) WHERE window_id IS NULL;
CREATE INDEX notify_item_window ON notify_item (window_id) WHERE window_id IS NOT NULL;

-- A window is what one letter tells: [from_at, to_at).
CREATE TABLE notify_window (
	id      TEXT COLLATE "C" PRIMARY KEY,
	person  TEXT COLLATE "C" NOT NULL,
	class   TEXT COLLATE "C" NOT NULL,
	from_at BIGINT NOT NULL,
	to_at   BIGINT NOT NULL,
	items   INTEGER NOT NULL,
	sent_at BIGINT,
	UNIQUE (person, class, from_at)
);

CREATE TABLE notify_push (
	id         TEXT COLLATE "C" PRIMARY KEY,
	person     TEXT COLLATE "C" NOT NULL,
	endpoint   TEXT COLLATE "C" NOT NULL UNIQUE,
	keys       TEXT NOT NULL,            -- the browser's two keys, sealed
	agent      TEXT NOT NULL,            -- "Firefox, Android": for the list of one's own
	created_at BIGINT NOT NULL
);
CREATE INDEX notify_push_person ON notify_push (person);

CREATE TABLE notify_hook (
	id         TEXT COLLATE "C" PRIMARY KEY,
	owner      TEXT COLLATE "C" NOT NULL, -- the person who made it
	org        TEXT COLLATE "C" NOT NULL, -- for which organisation; may be empty
	url        TEXT NOT NULL,
	secret     TEXT NOT NULL,            -- sealed
	kinds      TEXT NOT NULL,            -- of records, separated by spaces; empty is all
	state      TEXT NOT NULL,            -- active, disabled
	failures   INTEGER NOT NULL,         -- in a row
	why        TEXT NOT NULL,            -- the last failure
	created_at BIGINT NOT NULL
);
CREATE INDEX notify_hook_owner ON notify_hook (owner);

CREATE TABLE notify_delivery (
	id      TEXT COLLATE "C" PRIMARY KEY,
	hook    TEXT COLLATE "C" NOT NULL REFERENCES notify_hook (id) ON DELETE CASCADE,
	event   TEXT COLLATE "C" NOT NULL,
	seq     BIGINT NOT NULL,             -- of the event: deliveries keep the order of the log
	state   TEXT COLLATE "C" NOT NULL,   -- waiting, done, failed
	tries   INTEGER NOT NULL,
	status  INTEGER NOT NULL,            -- the last answer; 0 for none
	at      BIGINT NOT NULL,
	done_at BIGINT,
	UNIQUE (hook, event)
);
CREATE INDEX notify_delivery_waiting ON notify_delivery (hook, seq) WHERE state = 'waiting';
CREATE INDEX notify_delivery_at ON notify_delivery (at);
