/*
 * The cascade and what its rules look at: what classifying and telling people
 * about it have in common.  For classify.c and classify_explain.c alone.
 */
#ifndef MM_CLASSIFY_CASCADE_H
#define MM_CLASSIFY_CASCADE_H

#include "enrich/hosts.h"
#include "text/url.h"

struct attribution;
struct visit;

/* --- what the rules look at ------------------------------------------- */

/*
 * A fact is a bit.  The first ones are parameters of the url, in the order of
 * `params`; what the referrer tells is read only when a rule asks for it.
 */
enum fact {
	GCLID,
	MSCLKID,
	TTCLID,
	LI_FAT_ID,
	GBRAID,
	WBRAID,
	TWCLID,
	RDT_CID,
	EPIK,
	SCCID,
	YCLID,
	DCLID,
	GAD_SOURCE,
	GAD_CAMPAIGNID,
	FBCLID,
	UTM_SOURCE,
	UTM_MEDIUM,
	UTM_CAMPAIGN,
	PARAMS,

	PAID_MEDIUM = PARAMS,
	FACEBOOK_SOURCE,
	INSTAGRAM_SOURCE,
	KNOWN_SOURCE,

	REFERRER, /* one that has a host */
	FACEBOOK_REDIRECT,
	FROM_FACEBOOK,
	FROM_INSTAGRAM,
	FROM_SOCIAL,
	FROM_SEARCH,
	FROM_EMAIL,
	FROM_AI,
	FROM_PAID,
	FROM_SPAM,
	FROM_INTERNAL,
	SAME_HOST,
	FACTS
};

#define F(fact) ((uint64_t)1 << (fact))
#define REFERRER_FACTS (F(FACTS) - F(REFERRER))

/* The names of the parameters, in the order of their facts. */
extern const struct span classify_params[PARAMS];

/* --- the cascade ------------------------------------------------------ */

/* Where the source of a rule's answer comes from. */
enum origin {
	CONSTANT,
	BY_UTM,      /* utm_source */
	BY_UTM_BOTH, /* utm_source, and utm_medium for the medium */
	BY_KNOWN,    /* what utm_source is known as; utm_medium, else that of its kind */
	BY_REFERRER, /* the referrer's name in the table, else its host; and utm_medium */
	BY_BRAND,    /* instagram where utm_source names it, else facebook */
	BY_TABLE,    /* the source in the table of hosts */
	BY_HOST      /* the referrer's host */
};

struct rule {
	const char *number;
	bool documented; /* in the public cascade; the lettered ones are ours */
	struct span id;
	uint64_t all, any, none; /* the facts that must hold, one of which, none of which */
	enum origin origin;
	struct span source, medium; /* constants, or what classify_list says */
	struct span confidence;
};

extern const struct rule classify_cascade[];
extern const size_t classify_cascade_length;

/* --- facts ------------------------------------------------------------ */

struct evidence {
	const struct visit *visit;
	unsigned which; /* enum classify_rules */
	const struct hosts *hosts;
	struct attribution *to;
	uint64_t facts;
	uint64_t unread;         /* facts that are not known yet */
	struct span raw[PARAMS]; /* of those whose fact holds */
	struct span source, medium;
	struct url referrer; /* only its name outlives split_referrer */
	struct span from;    /* the referrer's name: its host's, or an app's package */
	bool app;
	const struct host_entry *entry; /* of the referrer, or NULL */
	const struct host_entry *known; /* of utm_source, or NULL */
};

/* Reads the visit's url; its referrer waits until it is asked for. */
void classify_gather(struct evidence *, const struct visit *, unsigned which, const struct hosts *,
    struct attribution *);

/* Reads the referrer. */
void classify_read_referrer(struct evidence *);

/* Whether the rule fires; reads the referrer where the rule looks at it. */
bool classify_fires(const struct rule *, struct evidence *);

/* Fills the attribution by the rule, which fires. */
void classify_answer(const struct rule *, struct evidence *);

#endif
