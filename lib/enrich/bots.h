/*
 * The words that User-Agent headers consist of, and what each shows: a
 * browser, a system, a device (agent-words.tsv), or a robot (bots.tsv).  Both
 * are compiled in at build time; a user's file of the format of bots.tsv adds
 * to the robots.
 */
#ifndef MM_BOTS_H
#define MM_BOTS_H

#include "base/buf.h"

enum bot_kind {
	BOT_NONE, /* no robot */
	BOT_SEARCH,
	BOT_AI,
	BOT_SEO,
	BOT_PREVIEW,
	BOT_FEED,
	BOT_MONITOR,
	BOT_ADS,
	BOT_ARCHIVE,
	BOT_SECURITY,
	BOT_LIBRARY,
	BOT_BROWSER, /* a browser that a program drives */
	BOT_OTHER,
	BOT_APP, /* in files only: whatever shows it is no robot */
	BOT_KINDS
};

/* The names of the kinds, as the files write them. */
extern const char *const bot_kind_names[BOT_KINDS];

/* What the words of a header show, beside robots. */
enum {
	SAW_EDGE = 1 << 0,
	SAW_OPERA = 1 << 1,
	SAW_FIREFOX = 1 << 2,
	SAW_CHROME = 1 << 3,
	SAW_SAFARI = 1 << 4,
	SAW_IE = 1 << 5,
	SAW_SILK = 1 << 6,
	SAW_OTHER = 1 << 7, /* a browser of another name */
	SAW_WEBKIT = 1 << 8,
	SAW_GECKO = 1 << 9,
	SAW_ENGINE = 1 << 10, /* of another browser */
	SAW_WINDOWS = 1 << 11,
	SAW_POCKET = 1 << 12, /* ... on a phone */
	SAW_MAC = 1 << 13,
	SAW_IPHONE = 1 << 14,
	SAW_IPAD = 1 << 15,
	SAW_IOS = 1 << 16,
	SAW_DARWIN = 1 << 17, /* macOS or iOS */
	SAW_X86 = 1 << 18,
	SAW_ANDROID = 1 << 19,
	SAW_LINUX = 1 << 20,
	SAW_OTHER_OS = 1 << 21,
	SAW_DESKTOP = 1 << 22,
	SAW_MOBILE = 1 << 23,
	SAW_MINI = 1 << 24, /* Opera's browsers for phones */
	SAW_PHONE = 1 << 25,
	SAW_TABLET = 1 << 26,
	SAW_TV = 1 << 27,      /* or another screen that is none of these */
	SAW_MAKER = 1 << 28,   /* of phones */
	SAW_CONTACT = 1 << 29, /* an address of web or mail */
};

/* A line of the tables.  The text lives as long as they do. */
struct agent_word {
	uint64_t key;          /* of the letters that it begins with, see bots.c */
	struct span text;      /* in lower case; of "*bot" what follows the star */
	uint32_t saw;          /* SAW_… */
	unsigned char letters; /* that it begins with */
	unsigned char bot;     /* enum bot_kind; BOT_NONE makes an exception of a word */
	bool suffix;           /* "*bot" */
	bool user;             /* from a user's file */
};

/* What bots_look found. */
struct sighting {
	uint32_t saw; /* SAW_… of all words */
	enum bot_kind bot;
};

struct bots;

/*
 * Looks at each word of the header [p, p+n), once.  bots NULL: the compiled-in
 * tables alone.  Of two robots the first counts, but BOT_APP before all.
 */
struct sighting bots_look(const struct bots *, const char *p, size_t n);

/* What is in a table, by index: for tests, which hold each entry against the rules of the table.
   bots NULL: the compiled-in tables. */
size_t bots_count(const struct bots *);
const struct agent_word *bots_at(const struct bots *, size_t index);

/*
 * The compiled-in tables and, before them, the entries of a file.  Returns
 * NULL when anything is wrong with the file, with every error in `errors`, a
 * line "FILE:LINE: what is wrong" each; bots_free gives the memory back.
 * The tables don't change after that: threads can share them.
 */
struct bots *bots_load(const char *file, struct buf *errors);

/* The same from text in memory; `file` is the name for the errors. */
struct bots *bots_parse(const char *file, const char *p, size_t n, struct buf *errors);
void bots_free(struct bots *);

#endif
