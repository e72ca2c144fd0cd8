/*
 * The compression function of SHA-256 (FIPS 180-4, 6.2.2) by the instructions that
 * processors have for it, for who hashes many short texts under one key: a third
 * of what libsodium's portable one takes, and less.
 */
#ifndef MM_SHA256_H
#define MM_SHA256_H

#include <stdbool.h>
#include <stdint.h>

enum { SHA256_BLOCK = 64 }; /* bytes */

/* Whether this processor, and this build, has them; asks the processor each time. */
bool sha256_in_hardware(void);

/* Adds one block to the state.  To be called only where sha256_in_hardware is true. */
void sha256_compress(uint32_t state[8], const unsigned char block[SHA256_BLOCK]);

#endif
