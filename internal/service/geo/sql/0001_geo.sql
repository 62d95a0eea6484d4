-- +goose Up
-- A place people name. district is the one its point lies in, so that it agrees
-- with every other record there; stated is what its source says, where it does.
CREATE TABLE place (
    id         TEXT COLLATE "C" PRIMARY KEY,
    kind       TEXT NOT NULL,
    name       TEXT NOT NULL,
    folded     TEXT COLLATE "C" NOT NULL,
    alt        JSONB NOT NULL,
    district   TEXT NOT NULL,
    stated     TEXT NOT NULL,
    lat        DOUBLE PRECISION NOT NULL,
    lon        DOUBLE PRECISION NOT NULL,
    source     TEXT COLLATE "C" NOT NULL,
    source_id  TEXT COLLATE "C" NOT NULL,
    licence    TEXT NOT NULL,
    population BIGINT,
    changed_at BIGINT NOT NULL,
    UNIQUE (source, source_id)
);
CREATE INDEX place_where ON place (lat, lon);
CREATE INDEX place_folded ON place (folded, id);

-- Every name of a place, folded: its own (main) and the others. letters is the
-- length, by which a search for misspelt names leaves most of them out.
CREATE TABLE place_name (
    place_id TEXT COLLATE "C" NOT NULL REFERENCES place (id) ON DELETE CASCADE,
    folded   TEXT COLLATE "C" NOT NULL,
    letters  INTEGER NOT NULL,
    main     BOOLEAN NOT NULL,
    PRIMARY KEY (place_id, folded)
);
CREATE INDEX place_name_folded ON place_name (folded, place_id);
CREATE INDEX place_name_letters ON place_name (letters, folded);

-- A road as one line of points, each with its metres from the start along it.
CREATE TABLE highway (
    id         TEXT COLLATE "C" PRIMARY KEY,
    name       TEXT NOT NULL,
    folded     TEXT COLLATE "C" NOT NULL UNIQUE,
    metres     DOUBLE PRECISION NOT NULL,
    source     TEXT NOT NULL,
    licence    TEXT NOT NULL
);
CREATE TABLE highway_point (
    highway_id TEXT COLLATE "C" NOT NULL REFERENCES highway (id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    lat        DOUBLE PRECISION NOT NULL,
    lon        DOUBLE PRECISION NOT NULL,
    metres     DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (highway_id, seq)
);
-- A surveyed milepost: it says which way the miles run and where they begin.
CREATE TABLE milepost (
    highway_id TEXT COLLATE "C" NOT NULL REFERENCES highway (id) ON DELETE CASCADE,
    mile       DOUBLE PRECISION NOT NULL,
    lat        DOUBLE PRECISION NOT NULL,
    lon        DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (highway_id, mile)
);

-- How many points of a layer lie in each map tile, for views too wide to read
-- them one by one.
CREATE TABLE cell_count (
    layer TEXT COLLATE "C" NOT NULL,
    z     INTEGER NOT NULL,
    x     INTEGER NOT NULL,
    y     INTEGER NOT NULL,
    class TEXT COLLATE "C" NOT NULL,
    n     BIGINT NOT NULL,
    PRIMARY KEY (layer, z, x, y, class)
);
