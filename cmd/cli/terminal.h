/*
 * What standard output is: how wide, and whether colour is welcome.
 */
#ifndef MM_TERMINAL_H
#define MM_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether people look at it as it is written. */
bool terminal_is_output(void);

/* Columns: COLUMNS, else what the terminal says; 0 when neither does. */
size_t terminal_width(void);

/* A terminal that knows colours, whose user has not set NO_COLOR. */
bool terminal_has_colour(void);

#endif
