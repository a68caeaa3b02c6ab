/* The stream of trace records to the host: docs/tracing.md. */
#ifndef DEV_TRACER_H
#define DEV_TRACER_H

#include "lib/compiler.h"

/* Begins it, over the port airlock.trace. Thread context, after console_init(). 0, -ENODEV (the host gave no port), -ENOMEM. */
MUST_CHECK int tracer_start(void);
/* Sends what is there. Thread context. Nothing if tracer_start() was not called. */
void tracer_drain(void);

#endif
