const textTables = ['repository', 'tag', 'label', 'environment', 'port', 'base']
  .map(
    (field) => `CREATE VIRTUAL TABLE ${field}_text USING fts5(
      folded, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
    );`,
  )
  .join('\n')

/**
 * Version 2 of the cache: what makes it searchable, and what tells which image stands on which.
 *
 * `term` has each distinct text once (a repository's or a tag's name, a label, a variable, a port, a base image), however
 * many repositories or images have it; each field has its own full-text index (trigrams, without content), since one index
 * would have to step over the matches of all others. Writers only note in `unindexed` what is new, in their own transaction;
 * the indexer makes terms of it in slices, and a search reads the names that still wait there too. A term whose last owner
 * went stays until it is swept: what it leads to is looked up in the lists themselves.
 *
 * `chain` is a tree of layers, bottom up: images that begin alike share its nodes, and an image stands on every image of the
 * nodes above its own. `link` leads from an index to its manifests and from a manifest to its config. `former_tag` remembers
 * what a tag named before it moved, since that is what older images stand on.
 */
export const searchMigration = `
  ALTER TABLE tag ADD COLUMN created INTEGER;
  CREATE INDEX tag_by_name ON tag (name, created);
  CREATE INDEX tag_by_digest ON tag (digest) WHERE digest IS NOT NULL;
  CREATE INDEX place_by_digest ON place (digest);
  CREATE INDEX layer_by_digest ON layer (registry_id, digest);
  CREATE INDEX summary_by_name ON summary (name, newest_created);

  CREATE TABLE unindexed (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    keys TEXT NOT NULL,
    done INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX unindexed_by_kind ON unindexed (kind, id);

  CREATE TABLE term (
    id INTEGER PRIMARY KEY,
    field INTEGER NOT NULL,
    folded TEXT NOT NULL,
    text TEXT NOT NULL,
    leaf TEXT NOT NULL,
    newest INTEGER,
    UNIQUE (field, folded, text)
  ) STRICT;
  CREATE INDEX term_by_leaf ON term (field, leaf);
  CREATE INDEX term_by_newest ON term (field, newest);
  ${textTables}

  CREATE TABLE chain (
    id INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL,
    diff_id TEXT NOT NULL,
    UNIQUE (parent, diff_id)
  ) STRICT;

  CREATE TABLE image (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    chain INTEGER,
    created INTEGER
  ) STRICT;
  CREATE INDEX image_by_chain ON image (chain) WHERE chain IS NOT NULL;

  CREATE TABLE image_term (
    term INTEGER NOT NULL,
    created INTEGER NOT NULL,
    image INTEGER NOT NULL,
    PRIMARY KEY (term, created, image)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX image_term_by_image ON image_term (image);

  CREATE TABLE link (
    parent TEXT NOT NULL,
    child TEXT NOT NULL,
    PRIMARY KEY (parent, child)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX link_by_child ON link (child);

  CREATE TABLE former_tag (
    registry_id TEXT NOT NULL,
    repository TEXT NOT NULL,
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (registry_id, repository, digest)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX former_tag_by_digest ON former_tag (digest);
  CREATE INDEX former_tag_by_until ON former_tag (until);

  INSERT INTO unindexed (kind, keys, done) SELECT 'repository', json_group_array(name), 0 FROM
    (SELECT name, (row_number() OVER () - 1) / 500 AS slice FROM (SELECT name FROM repository UNION SELECT repository FROM tag_list))
    GROUP BY slice;
  INSERT INTO unindexed (kind, keys, done) SELECT 'tag', json_group_array(name), 0 FROM
    (SELECT name, (row_number() OVER () - 1) / 500 AS slice FROM (SELECT DISTINCT name FROM tag)) GROUP BY slice;
  INSERT INTO unindexed (kind, keys, done) SELECT 'manifest', json_group_array(digest), 0 FROM
    (SELECT digest, (row_number() OVER () - 1) / 500 AS slice FROM manifest) GROUP BY slice;
  INSERT INTO unindexed (kind, keys, done) SELECT 'config', json_group_array(digest), 0 FROM
    (SELECT digest, (row_number() OVER () - 1) / 500 AS slice FROM config) GROUP BY slice;
  INSERT INTO unindexed (kind, keys, done) SELECT 'fact', json_group_array(digest), 0 FROM
    (SELECT digest, (row_number() OVER () - 1) / 500 AS slice FROM fact) GROUP BY slice;
`
