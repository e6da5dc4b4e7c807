/* print.c: a plan as text for people and for golden tests, one operation a line. Paths come from a policy and from
 * the host, so whatever could move a cursor or hide a letter is escaped. Host side only. */
#include <linux/filter.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "plan/builder.h"

#define LONGEST_CONTENT 512 /* bytes of a written file that are shown */

/* Characters that terminals act on although they are well-formed text: C1 controls and the bidirectional marks
 * (CVE-2023-28101, "Trojan Source"). Returns the bytes to escape at `s`, 0 for none. */
static size_t invisible(const unsigned char *s) {
    if (s[0] < 0x21 || s[0] == 0x7f || s[0] == '\\')
        return 1;
    if (s[0] == 0xc2 && s[1] < 0xa0)
        return 2;
    if (s[0] != 0xe2)
        return 0;
    if (s[1] == 0x80 && (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae)))
        return 3;
    return s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9 ? 3 : 0;
}

void mxc_plan_put_text(struct mxc_buf *out, const char *text) {
    const unsigned char *s = (const unsigned char *)text;
    int valid = mxc_utf8_valid(text, strlen(text));
    while (*s) {
        size_t escape = !valid && *s >= 0x80 ? 1 : invisible(s);
        if (!escape)
            mxc_buf_bytes(out, s++, 1);
        for (; escape; escape--)
            mxc_buf_format(out, "\\x%02x", *s++);
    }
}

static void put_word(struct mxc_buf *out, const char *before, const char *text) {
    mxc_buf_text(out, before);
    mxc_plan_put_text(out, text);
}

/* Names of the set bits, joined by commas; bits without a name as one number. */
static void put_bits(struct mxc_buf *out, uint64_t bits, const char *const *names, unsigned int count) {
    const char *comma = "";
    if (!bits)
        mxc_buf_text(out, "none");
    for (unsigned int i = 0; i < count; i++) {
        if (!(bits >> i & 1))
            continue;
        mxc_buf_format(out, "%s%s", comma, names[i]);
        comma = ",";
        bits &= ~(UINT64_C(1) << i);
    }
    if (bits)
        mxc_buf_format(out, "%s0x%llx", comma, (unsigned long long)bits);
}

static const char *name_of(const char *const *names, unsigned int count, uint64_t number) {
    return number < count && names[number] ? names[number] : "?";
}
#define NAME_OF(names, number) name_of((names), sizeof(names) / sizeof *(names), (number))
#define PUT_BITS(out, bits, names) put_bits((out), (bits), (names), sizeof(names) / sizeof *(names))

static void put_namespaces(struct mxc_buf *out, uint64_t flags) {
    static const struct {
        uint64_t flag;
        const char *name;
    } known[] = {
        {CLONE_NEWUSER, "user"}, {CLONE_NEWNS, "mount"}, {CLONE_NEWPID, "pid"},       {CLONE_NEWNET, "net"},
        {CLONE_NEWIPC, "ipc"},   {CLONE_NEWUTS, "uts"},  {CLONE_NEWCGROUP, "cgroup"},
    };
    const char *comma = " ";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!(flags & known[i].flag))
            continue;
        mxc_buf_format(out, "%s%s", comma, known[i].name);
        comma = ",";
        flags &= ~known[i].flag;
    }
    if (flags)
        mxc_buf_format(out, "%s0x%llx", comma, (unsigned long long)flags);
}

static const char *rlimit_name(uint64_t number) {
    static const char *const names[] = {
        [RLIMIT_CPU] = "cpu",           [RLIMIT_FSIZE] = "fsize",
        [RLIMIT_DATA] = "data",         [RLIMIT_STACK] = "stack",
        [RLIMIT_CORE] = "core",         [RLIMIT_RSS] = "rss",
        [RLIMIT_NPROC] = "nproc",       [RLIMIT_NOFILE] = "nofile",
        [RLIMIT_MEMLOCK] = "memlock",   [RLIMIT_AS] = "as",
        [RLIMIT_LOCKS] = "locks",       [RLIMIT_SIGPENDING] = "sigpending",
        [RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",
        [RLIMIT_RTPRIO] = "rtprio",     [RLIMIT_RTTIME] = "rttime",
    };
    return NAME_OF(names, number);
}

static const char *const controllers[] = {"?", "memory", "pids", "cpu", "cpuacct", "unified"};
static const char *const watches[] = {"?", "memory", "processes", "cpu-time", "wall-time", "output", "disk"};
/* linux/landlock.h, by bit; the header of the build machine may be older than the kernel. */
static const char *const fs_rights[] = {
    "execute",  "write_file", "read_file", "read_dir",   "remove_dir", "remove_file", "make_char", "make_dir",
    "make_reg", "make_sock",  "make_fifo", "make_block", "make_sym",   "refer",       "truncate",  "ioctl_dev",
};
static const char *const net_rights[] = {"bind_tcp", "connect_tcp"};
static const char *const scopes[] = {"abstract_unix_socket", "signal"};
static const char *const restrict_flags[] = {"log_same_exec_off", "log_new_exec_on", "log_subdomains_off"};
static const char *const seccomp_flags[] = {"tsync",        "log",         "spec_allow",
                                            "new_listener", "tsync_esrch", "wait_killable_recv"};

static const char *const told_calls[] = {"connect", "sendto", "sendmsg", "sendmmsg"};

struct line { /* what the functions below print from */
    struct mxc_buf *out;
    const struct mxc_op *op;
    const char *text, *text2;
    int identities;
};

static void print_identity(const struct line *line) {
    const struct mxc_op *op = line->op;
    if (op->a == MXC_IDENTITY_SESSION)
        mxc_buf_format(line->out, " session %llu+pid inside %llu", (unsigned long long)op->b,
                       (unsigned long long)op->c);
    else
        mxc_buf_format(line->out, " caller inside %llu", (unsigned long long)op->c);
}

static void print_cgroup(const struct line *line) {
    mxc_buf_format(line->out, " %s v%llu", NAME_OF(controllers, line->op->a), (unsigned long long)line->op->b);
    put_word(line->out, " ", line->text);
}

static void print_cgroup_set(const struct line *line) {
    put_word(line->out, " ", line->text);
    put_word(line->out, " = ", line->text2);
}

static void print_watch(const struct line *line) {
    mxc_buf_format(line->out, " %s %llu", NAME_OF(watches, line->op->a), (unsigned long long)line->op->b);
}

static void print_routes(const struct line *line) {
    mxc_buf_format(line->out, " all local, segments=%llu", (unsigned long long)line->op->a);
}

static void print_listen(const struct line *line) {
    mxc_buf_format(line->out, " %s %llu", line->op->b ? "udp" : "tcp", (unsigned long long)line->op->a);
}

static void print_publish(const struct line *line) {
    mxc_buf_format(line->out, " %llu <- 127.0.0.1:", (unsigned long long)line->op->a);
    if (line->op->b)
        mxc_buf_format(line->out, "%llu", (unsigned long long)line->op->b);
    else
        mxc_buf_text(line->out, "free");
}

static void print_dialers(const struct line *line) {
    mxc_buf_format(line->out, " %llu", (unsigned long long)line->op->a);
}

static void print_spares(const struct line *line) {
    mxc_buf_format(line->out, " %llu, asked by ", (unsigned long long)line->op->a);
    PUT_BITS(line->out, line->op->b, told_calls);
}

static void print_namespaces(const struct line *line) { put_namespaces(line->out, line->op->a); }

static void print_text(const struct line *line) { put_word(line->out, " ", line->text); }

static void print_root(const struct line *line) {
    mxc_buf_format(line->out, " size=%llu inodes=%llu", (unsigned long long)line->op->a,
                   (unsigned long long)line->op->b);
}

static void print_dir(const struct line *line) {
    print_text(line);
    mxc_buf_format(line->out, " %04llo", (unsigned long long)line->op->a);
}

static void print_symlink(const struct line *line) {
    print_text(line);
    put_word(line->out, " -> ", line->text2);
}

static void print_bind(const struct line *line) {
    const struct mxc_op *op = line->op;
    print_text(line);
    put_word(line->out, " <- ", line->text2);
    mxc_buf_text(line->out, op->a & MXC_BIND_READONLY ? " ro" : " rw");
    mxc_buf_text(line->out, op->a & MXC_BIND_NOEXEC ? " noexec" : "");
    mxc_buf_text(line->out, op->a & MXC_BIND_IDMAP ? " idmap" : "");
    mxc_buf_text(line->out, op->a & MXC_BIND_OPTIONAL ? " optional" : "");
    mxc_buf_text(line->out, op->a & MXC_BIND_ON_LINK ? " on-link" : "");
    mxc_buf_text(line->out, op->d == S_IFDIR ? " dir" : " file");
    if (line->identities)
        mxc_buf_format(line->out, " dev=%llu ino=%llu", (unsigned long long)op->b, (unsigned long long)op->c);
}

static void print_tmpfs(const struct line *line) {
    const struct mxc_op *op = line->op;
    print_text(line);
    mxc_buf_format(line->out, " size=%llu inodes=%llu mode=%04llo", (unsigned long long)op->a,
                   (unsigned long long)op->b, (unsigned long long)op->c);
    mxc_buf_text(line->out, op->d & MXC_BIND_READONLY ? " ro" : "");
    mxc_buf_text(line->out, op->d & MXC_BIND_NOEXEC ? " noexec" : "");
}

static void print_device(const struct line *line) {
    print_symlink(line);
    mxc_buf_format(line->out, " %llu:%llu", (unsigned long long)line->op->a, (unsigned long long)line->op->b);
}

static void print_mask(const struct line *line) {
    print_text(line);
    mxc_buf_text(line->out, line->op->a == S_IFDIR ? " dir" : line->op->a == S_IFLNK ? " link" : " file");
    mxc_buf_text(line->out, line->op->b ? " if-present" : "");
}

static void print_lock(const struct line *line) {
    mxc_buf_format(line->out, " uid=%llu gid=%llu", (unsigned long long)line->op->a, (unsigned long long)line->op->b);
}

static void print_rlimit(const struct line *line) {
    mxc_buf_format(line->out, line->op->c ? " %s now+%llu" : " %s %llu", rlimit_name(line->op->a),
                   (unsigned long long)line->op->b);
}

static void print_child(const struct line *line) { mxc_buf_text(line->out, line->op->a ? " may kill everyone" : ""); }

static void print_caps(const struct line *line) { mxc_buf_text(line->out, line->op->a ? " but the bounding set" : ""); }

static void print_landlock_rule(const struct line *line) {
    print_text(line);
    mxc_buf_text(line->out, " ");
    PUT_BITS(line->out, line->op->a, fs_rights);
    if (line->identities && line->op->d)
        mxc_buf_format(line->out, " dev=%llu ino=%llu", (unsigned long long)line->op->b,
                       (unsigned long long)line->op->c);
}

static void print_landlock(const struct line *line) {
    mxc_buf_format(line->out, " abi=%llu handled=", (unsigned long long)line->op->d);
    PUT_BITS(line->out, line->op->a, fs_rights);
    mxc_buf_text(line->out, " scoped=");
    PUT_BITS(line->out, line->op->b & UINT32_MAX, scopes);
    if (line->op->b >> 32) {
        mxc_buf_text(line->out, " net=");
        PUT_BITS(line->out, line->op->b >> 32, net_rights);
    }
    mxc_buf_text(line->out, " flags=");
    PUT_BITS(line->out, line->op->c, restrict_flags);
}

static void print_seccomp(const struct line *line) {
    mxc_buf_format(line->out,
                   " %u instructions flags=", line->op->blob_length / (unsigned int)sizeof(struct sock_filter));
    PUT_BITS(line->out, line->op->a, seccomp_flags);
}

static const struct {
    const char *name;
    void (*print)(const struct line *line); /* NULL: the name says all */
} kinds[MXC_OP_KINDS] = {
    [MXC_OP_IDENTITY] = {"identity", print_identity},
    [MXC_OP_CGROUP] = {"cgroup", print_cgroup},
    [MXC_OP_CGROUP_SET] = {"cgroup-set", print_cgroup_set},
    [MXC_OP_WATCH] = {"watch", print_watch},
    [MXC_OP_RELAY] = {"relay", NULL},
    [MXC_OP_PUBLISH] = {"publish", print_publish},
    [MXC_OP_DIALERS] = {"dialers", print_dialers},
    [MXC_OP_SPARES] = {"spares", print_spares},
    [MXC_OP_SCRATCH] = {"scratch", print_text},
    [MXC_OP_NAMESPACES] = {"namespaces", print_namespaces},
    [MXC_OP_LOOPBACK] = {"loopback", NULL},
    [MXC_OP_HOSTNAME] = {"hostname", print_text},
    [MXC_OP_ROUTES] = {"routes", print_routes},
    [MXC_OP_LISTEN] = {"listen", print_listen},
    [MXC_OP_ROOT] = {"root", print_root},
    [MXC_OP_DIR] = {"dir", print_dir},
    [MXC_OP_FILE] = {"file", print_dir},
    [MXC_OP_SYMLINK] = {"symlink", print_symlink},
    [MXC_OP_BIND] = {"bind", print_bind},
    [MXC_OP_TMPFS] = {"tmpfs", print_tmpfs},
    [MXC_OP_DEVPTS] = {"devpts", print_text},
    [MXC_OP_PROC] = {"proc", print_text},
    [MXC_OP_DEVICE] = {"device", print_device},
    [MXC_OP_MASK] = {"mask", print_mask},
    [MXC_OP_GHOST] = {"ghost", print_text},
    [MXC_OP_SEAL_NAMESPACES] = {"seal-namespaces", NULL},
    [MXC_OP_PIVOT] = {"pivot", NULL},
    [MXC_OP_LOCK] = {"lock", print_lock},
    [MXC_OP_CHILD] = {"child", print_child},
    [MXC_OP_RLIMIT] = {"rlimit", print_rlimit},
    [MXC_OP_CAPS] = {"drop-capabilities", print_caps},
    [MXC_OP_NNP] = {"no-new-privileges", NULL},
    [MXC_OP_LANDLOCK_RULE] = {"landlock-rule", print_landlock_rule},
    [MXC_OP_LANDLOCK] = {"landlock", print_landlock},
    [MXC_OP_SECCOMP] = {"seccomp", print_seccomp},
    [MXC_OP_VERIFY] = {"verify", NULL},
};

static void print_content(struct mxc_buf *out, const struct mxc_plan_view *view, const struct mxc_op *op) {
    mxc_buf_text(out, " ");
    if (op->blob_length > LONGEST_CONTENT)
        mxc_buf_format(out, "%u bytes", op->blob_length);
    else
        mxc_buf_json_string(out, (const char *)view->blobs + op->blob, op->blob_length);
}

void mxc_plan_print(struct mxc_buf *out, const struct mxc_plan_view *view, int identities) {
    for (uint32_t i = 0; i < view->op_count; i++) {
        const struct mxc_op *op = &view->ops[i];
        struct line line = {
            .out = out,
            .op = op,
            .text = mxc_plan_text_at(view, op->text),
            .text2 = mxc_plan_text_at(view, op->text2),
            .identities = identities,
        };
        mxc_buf_text(out, kinds[op->kind].name);
        if (kinds[op->kind].print)
            kinds[op->kind].print(&line);
        if (op->kind == MXC_OP_FILE)
            print_content(out, view, op);
        if (*mxc_plan_text_at(view, op->origin))
            put_word(out, "  # ", mxc_plan_text_at(view, op->origin));
        mxc_buf_text(out, "\n");
        if (op->kind == MXC_OP_RELAY)
            mxc_plan_print_rules(out, view->blobs + op->blob, op->blob_length);
    }
}
