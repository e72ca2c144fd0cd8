/*
 * The answer to a question as the HTTP API and MCP give it.
 */
#ifndef MM_ASK_ANSWER_H
#define MM_ASK_ANSWER_H

#include "ask/question.h"

/*
 * Asks, after compare_check, and appends the API's answer: {"rows":[...]}.  What failed leaves
 * nothing behind, and more rows than were asked for are no answer.
 */
enum clickhouse_status answer_add_object(
    struct clickhouse *, struct question *, struct buf *, struct clickhouse_error *);

#endif
