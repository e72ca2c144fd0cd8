/*
 * Lines of the Common Log Format and its kin: "combined", with a virtual host
 * in front, with more fields behind, as Apache and nginx write them.
 */
#ifndef MM_CLF_H
#define MM_CLF_H

#include "event/complaint.h"
#include "import/hit.h"

/*
 * Reads the line [p, p+n):
 *     [VHOST[:PORT] ]CLIENT IDENT USER [TIME] "REQUEST" STATUS SIZE ["REFERRER" "AGENT" ..]
 * Escapes in quotes (\" \\ \n \xNN ..) are undone in `scratch`, which is reset
 * where there are any.  A quote inside of a text that is not escaped does not
 * end it unless a blank follows.  The quoted text behind the agent is taken as
 * X-Forwarded-For, as in nginx's "main", where it is a list of addresses.
 * Spans are valid until the line or scratch change.  False, with a complaint
 * of constant text, when it is no such line.
 */
bool clf_parse(struct hit *, const char *p, size_t n, struct buf *scratch, struct complaint *why);

#endif
