/* probe.h: mxc-testprobe, one static program that does one act of a workload (or of an attacker) at a time and
 * prints one line of JSON about what came of it. Tests run it inside a sandbox and, as the positive control,
 * outside. It must not know what a test expects, nor anything of mxc. */
#ifndef MXC_TESTPROBE_H
#define MXC_TESTPROBE_H

#include <stddef.h>
#include <stdint.h>

struct probe_act {
    const char *name;
    const char *usage;                  /* arguments, for --list */
    int least;                          /* arguments needed */
    void (*run)(int argc, char **argv); /* arguments only, argv[argc] is NULL */
};

/* One table per file, ended by a NULL name. */
extern const struct probe_act probe_files[];
extern const struct probe_act probe_modes[];
extern const struct probe_act probe_process[];
extern const struct probe_act probe_load[];
extern const struct probe_act probe_output[];
extern const struct probe_act probe_identity[];
extern const struct probe_act probe_mounts[];
extern const struct probe_act probe_kernel[];
extern const struct probe_act probe_foreign[];
extern const struct probe_act probe_peers[];
extern const struct probe_act probe_network[];
extern const struct probe_act probe_ipc[];
extern const struct probe_act probe_storage[];
extern const struct probe_act probe_privilege[];
extern const struct probe_act probe_surface[];
extern const struct probe_act probe_assault[];
extern const struct probe_act probe_reach[];

/* The line. The dispatcher begins and prints it; an act adds fields and says once how it went. */
void line_begin(const char *act);
void line_print(void);
void line_drop(void); /* this act prints no line */
void line_number(const char *key, long long value);
void line_flag(const char *key, int value);
void line_text(const char *key, const char *text);
void line_bytes(const char *key, const void *bytes, size_t length);
void line_list(const char *key); /* then line_item()s, then line_list_end() */
void line_item(const char *text);
void line_list_end(void);
void line_object(const char *key); /* fields until line_object_end() are inside */
void line_object_end(void);
/* `rc` of a system call: below 0 is a failure and errno says which; key NULL: the outcome of the whole act. */
void line_result(long long rc);
/* "key": "ok" or the name of errno. */
void line_outcome(const char *key, long long rc);

const char *errno_name(int number);
long long number_of(const char *text); /* 0x.., 0.., decimal; leaves with status 64 when it is none */
/* Reads at most size - 1 bytes of a file; its length, or -1. */
long read_text(const char *path, char *buffer, size_t size);
void sleep_ms(long long ms);
/* Leaves with status 64 in the first user namespace or the first process namespace: for acts that would harm a host
 * if a wall were missing altogether, or if someone ran them by hand. */
void only_in_namespaces(void);
/* The same for the user namespace alone: controls run these in one made by unshare(1). */
void only_in_user_namespace(void);
/* Runs `step` in a child and gives its wait status; -1 when fork failed. */
int in_child(void (*step)(void *), void *data);

#endif
