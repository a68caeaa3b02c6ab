# The checker of the crossing, and the examples that come with it.

.PHONY: entrycheck entrycheck-examples
all: entrycheck

ENTRYCHECK_SOURCES := $(sort $(wildcard tools/entrycheck/*.c))
# Where the built command finds the descriptions and the examples.
ENTRYCHECK_OBJECTS := $(ENTRYCHECK_SOURCES:tools/entrycheck/%.c=$(B)/entrycheck/%.o)
ENTRYCHECK_EXAMPLES := $(sort $(wildcard tools/entrycheck/examples/*.S))
HOST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
	-Wno-format-truncation

entrycheck: $(B)/bin/entrycheck entrycheck-examples
entrycheck-examples: $(ENTRYCHECK_EXAMPLES:tools/entrycheck/examples/%.S=$(B)/entrycheck/%.o)

$(B)/entrycheck/%.o: tools/entrycheck/%.c tools/entrycheck/entrycheck.mk
	@mkdir -p $(@D)
	gcc $(HOST_CFLAGS) -DENTRYCHECK_DATA='"$(CURDIR)/tools/entrycheck"' \
		-DENTRYCHECK_OBJECTS='"$(abspath $(B))/entrycheck"' -MMD -MP -c -o $@ $<

$(B)/entrycheck/%.o: tools/entrycheck/examples/%.S
	@mkdir -p $(@D)
	gcc -c -MMD -MP -MT $@ -MF $(@:.o=.d) -o $(@:.o=.rel.o) $<
	ld -nostdlib -Ttext=0xffffffff80000000 -e 0 -o $@ $(@:.o=.rel.o)

$(B)/bin/entrycheck: $(ENTRYCHECK_OBJECTS)
	@mkdir -p $(@D)
	gcc -o $@ $^ -lcapstone -lelf

-include $(ENTRYCHECK_OBJECTS:.o=.d) $(ENTRYCHECK_EXAMPLES:tools/entrycheck/examples/%.S=$(B)/entrycheck/%.d)
