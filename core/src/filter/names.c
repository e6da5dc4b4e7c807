/* names.c: system call names and native numbers, from libseccomp's tables and, for calls that are newer than
 * the libseccomp that we build with, from a table here. Must not know what is allowed. */
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/tables.h"

/* Since Linux 5.1 a new call has one number on all machines, so these need no architecture. */
static const struct {
    const char *name;
    int number;
} late[] = {
    {"cachestat", 451},         {"fchmodat2", 452},        {"map_shadow_stack", 453},
    {"futex_wake", 454},        {"futex_wait", 455},       {"futex_requeue", 456},
    {"statmount", 457},         {"listmount", 458},        {"lsm_get_self_attr", 459},
    {"lsm_set_self_attr", 460}, {"lsm_list_modules", 461}, {"mseal", 462},
    {"setxattrat", 463},        {"getxattrat", 464},       {"listxattrat", 465},
    {"removexattrat", 466},     {"open_tree_attr", 467},   {"file_getattr", 468},
    {"file_setattr", 469},      {"listns", 470},           {"rseq_slice_yield", 471},
#ifdef __x86_64__
    {"uretprobe", 335},         {"uprobe", 336},
#endif
};

int mxc_call_number(const char *name) {
    int number = seccomp_syscall_resolve_name(name);
    if (number >= 0)
        return number;
    for (size_t i = 0; i < sizeof late / sizeof *late; i++) {
        if (!strcmp(late[i].name, name))
            return late[i].number;
    }
    /* libseccomp has negative numbers for calls that only other machines have */
    return number == __NR_SCMP_ERROR ? -1 : -2;
}

int mxc_call_name(int number, char *name, size_t size) {
    char *known = number < 0 ? NULL : seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    if (known) {
        snprintf(name, size, "%s", known);
        free(known); /* libseccomp's, from malloc */
        return 0;
    }
    for (size_t i = 0; i < sizeof late / sizeof *late; i++) {
        if (late[i].number == number) {
            snprintf(name, size, "%s", late[i].name);
            return 0;
        }
    }
    return -1;
}
