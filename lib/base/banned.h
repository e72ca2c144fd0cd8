/*
 * Functions that this project does not call, refused at compile time: they
 * cannot bound what they write, keep hidden state, or depend on the locale.
 * Include it last, after the system's headers.
 */
#ifndef MM_BANNED_H
#define MM_BANNED_H

/* FORTIFY makes macros of some with clang */
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok
#pragma GCC poison gmtime localtime ctime asctime mktime atoi atol atoll
#pragma GCC poison setlocale tmpnam mktemp

#endif
