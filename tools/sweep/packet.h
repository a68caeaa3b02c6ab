/*
 * Packets of GDB's remote protocol over a Unix socket: "$data#checksum"; each side acknowledges with '+'. Data and memory are
 * hexadecimal, registers in the CPU's byte order. What is not understood, or does not come, ends the program.
 */
#ifndef SWEEP_PACKET_H
#define SWEEP_PACKET_H

#include <stddef.h>
#include <stdint.h>

enum { PACKET_MAX = 16384 };

/* How long an answer may take. */
#define PACKET_SECONDS 30.0

/* Seconds since some time. */
double packet_now(void);

/* Waits for the socket to appear, at most `seconds`. */
void packet_connect(const char *path, double seconds);

void packet_send(const char *data);
/* Asks the VM to stop. */
void packet_interrupt(void);
/* The next one's data (PACKET_MAX bytes), acknowledged. Its length, -1 if none comes until `end`, -2 at the end of the connection. */
int packet_receive(char *data, double end);

/* Sends, and gives the answer and its length. */
int packet_ask(const char *question, char *answer);
/* The answer has to be OK. */
void packet_ask_ok(const char *question);

/* Bytes from hexadecimal; how many. */
size_t packet_from_hex(const char *text, uint8_t *data, size_t room);
void packet_to_hex(char *text, const void *data, size_t length);

#endif
