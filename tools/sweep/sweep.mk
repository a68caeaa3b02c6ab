# The sweep: injects events at every instruction of the crossing (docs/sweep.md).

.PHONY: sweep
all: sweep
sweep: $(B)/bin/sweep

SWEEP_SOURCES := $(sort $(wildcard tools/sweep/*.c))
SWEEP_OBJECTS := $(SWEEP_SOURCES:tools/sweep/%.c=$(B)/sweep/%.o)
SWEEP_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes \
	-Wstrict-prototypes

$(B)/sweep/%.o: tools/sweep/%.c tools/sweep/sweep.mk
	@mkdir -p $(@D)
	gcc $(SWEEP_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/bin/sweep: $(SWEEP_OBJECTS)
	@mkdir -p $(@D)
	gcc -o $@ $^ -lcapstone -lelf

-include $(SWEEP_OBJECTS:.o=.d)
