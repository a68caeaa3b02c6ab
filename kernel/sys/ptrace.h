/* Between the files of ptrace(2): what a tracer reads and writes of a tracee that it holds in a stop. */
#ifndef SYS_PTRACE_H
#define SYS_PTRACE_H

#include "lib/compiler.h"
#include "lib/types.h"

struct thread;

/* PTRACE_PEEKTEXT and POKETEXT: one word of memory. */
s64 tracee_peek(struct thread *t, uaddr_t address, uaddr_t out);
s64 tracee_poke(struct thread *t, uaddr_t address, u64 word);

/* PTRACE_PEEKUSR and POKEUSR: one word of what Linux calls struct user. */
s64 tracee_peek_user(struct thread *t, u64 offset, uaddr_t out);
s64 tracee_poke_user(struct thread *t, u64 offset, u64 value);
/* PTRACE_GETREGS and SETREGS; GETFPREGS and SETFPREGS. */
s64 tracee_get_registers(struct thread *t, uaddr_t out);
s64 tracee_set_registers(struct thread *t, uaddr_t from);
s64 tracee_get_vector(struct thread *t, uaddr_t out);
s64 tracee_set_vector(struct thread *t, uaddr_t from);
/* PTRACE_GETREGSET and SETREGSET. */
s64 tracee_register_set(struct thread *t, u64 type, uaddr_t iovec, bool set);
/* PTRACE_ARCH_PRCTL. */
s64 tracee_arch_prctl(struct thread *t, u64 code, u64 argument);

/* PTRACE_GETSIGINFO, SETSIGINFO, PEEKSIGINFO, GETSIGMASK, SETSIGMASK. */
s64 tracee_get_siginfo(struct thread *t, uaddr_t out);
s64 tracee_set_siginfo(struct thread *t, uaddr_t from);
s64 tracee_peek_siginfo(struct thread *t, uaddr_t arguments, uaddr_t out);
s64 tracee_get_sigmask(struct thread *t, u64 size, uaddr_t out);
s64 tracee_set_sigmask(struct thread *t, u64 size, uaddr_t from);
/* PTRACE_GET_SYSCALL_INFO, PTRACE_GET_RSEQ_CONFIGURATION. */
s64 tracee_get_call(struct thread *t, u64 size, uaddr_t out);
s64 tracee_get_rseq(struct thread *t, u64 size, uaddr_t out);

#endif
