/*
 * The body of a batch: {"events":[EVENT,..]}, as POST /v1/batch takes it (SPEC
 * 10).  All or nothing: one event that is wrong makes all of it wrong.
 */
#ifndef MM_BODY_H
#define MM_BODY_H

#include "event/complaint.h"
#include "event/event.h"

#define BODY_OPENING "{\"events\":["
#define BODY_CLOSING "]}"

enum {
	BODY_EVENTS_MAX = 1000,
	/* bytes of a body beside its events and the commas between them */
	BODY_FRAME = sizeof(BODY_OPENING) - 1 + sizeof(BODY_CLOSING) - 1,
	BODY_FAULTS_MAX = 100, /* complaints that are listed, of all events */
};

/*
 * What is wrong with a body.  Fields of its events are named as they are
 * reached, "events[3].url", an event as a whole "events[3]", and are counted
 * under "events[].url" and "events[]".
 */
struct body_faults {
	/* after body_faults_end, grouped by field; valid until the next call */
	struct complaint complaint[BODY_FAULTS_MAX + 1];
	size_t complaints;
	size_t events; /* that are invalid */

	/* what follows is the module's */
	struct buf words;
	bool more;
};

/* Empty again; keeps the memory. */
void body_faults_reset(struct body_faults *);
void body_faults_release(struct body_faults *);

/* Adds what is wrong with the event that is the `index`th, from 0. */
void body_faults_add(struct body_faults *, size_t index, const struct complaint *, size_t n);

/* To be called when all are added, before they are read. */
void body_faults_end(struct body_faults *);

/* Starts as all zero but for what the owner sets. */
struct body {
	/* set by the owner */
	bool strict_keys;  /* a key that is not known is an error, in the events as well */
	size_t max_events; /* 1 to BODY_EVENTS_MAX */

	/* the answer: the events, without white space around them, as spans into the body */
	struct span event[BODY_EVENTS_MAX];
	size_t events;

	/* what is wrong, when body_parse returns false */
	struct body_faults faults;

	/* what follows is the module's */
	struct event checker;
	struct buf words;
};

void body_release(struct body *);

/*
 * Parses the body [p, p+n) and checks its events.  At least one event, at most
 * max_events; of a key that stands twice the last one counts; other keys are
 * ignored.  Returns true when all of it is good; else false, with at least one
 * complaint in faults.
 */
bool body_parse(struct body *, const char *p, size_t n);

/*
 * The same, but for what is wrong with the events, which are not looked into: for
 * who parses each of them anyway, and adds to the faults what is.
 */
bool body_read(struct body *, const char *p, size_t n);

#endif
