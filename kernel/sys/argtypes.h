/* The C types of types.def, and a number for each. */
#ifndef SYS_ARGTYPES_H
#define SYS_ARGTYPES_H

#include "lib/types.h"

#define BASE(name, meaning)
#define TYPE(name, type, meaning) typedef type name;
#define OUT(name, type, meaning) typedef type name;
#include "sys/types.def"

enum arg_type {
	ARG_NONE,
#define BASE(name, meaning) ARG_##name,
#define TYPE(name, type, meaning) ARG_##name,
#define OUT(name, type, meaning) ARG_##name,
#include "sys/types.def"
	ARG_TYPES,
};

#endif
