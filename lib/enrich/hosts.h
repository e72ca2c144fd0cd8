/*
 * What is known of the hosts that visitors come from: search engines, social
 * networks, web mail, assistants.  The compiled-in table is made of hosts.tsv
 * at build time; a user's file of the same format adds to it (mm-rules(5)).
 */
#ifndef MM_HOSTS_H
#define MM_HOSTS_H

#include "base/buf.h"

enum host_kind {
	HOST_SEARCH,
	HOST_SOCIAL,
	HOST_EMAIL,
	HOST_AI,
	HOST_OTHER, /* nothing of its own, whatever its parent is: translate.google.com */
	HOST_PAID,  /* an advertising network */
	HOST_SPAM,
	HOST_INTERNAL, /* of one's own, as log-in and payment pages are */
	HOST_KINDS
};

/* The names of the kinds, as the files write them. */
extern const char *const host_kind_names[HOST_KINDS];

/*
 * A line of the table: a host is the labels of `name`, then `suffix`.
 * All spans live as long as the table.
 */
struct host_entry {
	struct span name;   /* "mail.google" of mail.google.com; the package of an app
				   (Android), its number (iOS); "utm_source=fb", an alias;
				   "{search}.calendar" of calendar.{search} */
	struct span suffix; /* "com", "co.uk"; "*": any public suffix; "": all others */
	struct span source; /* "" where the kind needs none */
	enum host_kind kind;
	uint32_t hash;
	bool exact; /* not its sub-domains */
	bool user;  /* from a user's file */
};

struct hosts;

/*
 * Looks a canonical name (url_name) up: the entry for it or for the nearest
 * domain above it; at the same label a user's entry comes first, then exact
 * ones, then written-out suffixes, then `*`.  NULL: none.  One probe a label.
 */
const struct host_entry *hosts_find(const struct hosts *, struct span name);

/* The entry of an app, by its package in lower case, or its number; NULL: none. */
const struct host_entry *hosts_find_app(const struct hosts *, struct span package);

/* The entry of a value of utm_source that is another name for a source; NULL: none. */
const struct host_entry *hosts_find_alias(const struct hosts *, struct span name);

/* What is in a table, by index: for tests, which hold each entry against the rules of the table.
   hosts NULL: the compiled-in table. */
size_t hosts_count(const struct hosts *);
const struct host_entry *hosts_at(const struct hosts *, size_t index);

/* Adds the entry's pattern as the files write it: "=t.co", "google.*". */
void hosts_pattern(const struct host_entry *, struct buf *);

/*
 * The compiled-in table and, before it, the entries of a file.  Returns NULL
 * when anything is wrong with the file, with every error in `errors`, a line
 * "FILE:LINE: what is wrong" each; hosts_free gives the memory back.
 */
struct hosts *hosts_load(const char *file, struct buf *errors);

/* The same from text in memory; `file` is the name for the errors. */
struct hosts *hosts_parse(const char *file, const char *p, size_t n, struct buf *errors);
void hosts_free(struct hosts *);

#endif
