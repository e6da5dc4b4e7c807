/* view.c: decides whether some bytes are a well-formed plan. Freestanding: no allocation, no libc, no system call,
 * because the keeper runs it on the sealed memfd before it believes a single offset. It must not know what any
 * operation does beyond the shape of its fields. */
#include "plan/plan.h"

#include "plan/network.h"

enum { /* which fields of an op count; the others must be zero */
       TEXT = 1,
       TEXT2 = 2,
       BLOB = 4,
       A = 8,
       B = 16,
       C = 32,
       D = 64,
       PATH = 128,   /* text is an absolute normal path */
       ONCE = 256,   /* at most one in a plan */
       WALL = 512,   /* a plan with namespaces that lacks it is well formed and still never applied */
       PLAIN = 1024, /* the same of a plan without namespaces */
       OTHER = 2048, /* does not belong into a plan without namespaces */
};

static const struct {
    uint16_t rank; /* groups: never smaller than that of the op before */
    uint16_t uses;
} shapes[MXC_OP_KINDS] = {
    [MXC_OP_IDENTITY] = {1, A | B | C | ONCE | WALL | PLAIN},
    [MXC_OP_CGROUP] = {2, A | B | TEXT | PATH},
    [MXC_OP_CGROUP_SET] = {2, TEXT | TEXT2},
    [MXC_OP_WATCH] = {3, A | B},
    [MXC_OP_SCRATCH] = {3, TEXT | PATH | ONCE | PLAIN},
    [MXC_OP_PUBLISH] = {3, A | B | OTHER},
    [MXC_OP_RELAY] = {3, BLOB | ONCE | OTHER},
    [MXC_OP_NAMESPACES] = {4, A | ONCE | WALL | OTHER},
    [MXC_OP_LOOPBACK] = {9, ONCE | WALL | OTHER},
    [MXC_OP_HOSTNAME] = {5, TEXT | ONCE | OTHER},
    [MXC_OP_ROUTES] = {10, A | ONCE | OTHER},
    [MXC_OP_LISTEN] = {10, A | B | OTHER},
    [MXC_OP_DIALERS] = {10, A | ONCE | OTHER},
    [MXC_OP_SPARES] = {10, A | B | ONCE | OTHER},
    [MXC_OP_ROOT] = {7, A | B | ONCE | WALL | OTHER},
    [MXC_OP_DIR] = {8, TEXT | PATH | A | OTHER},
    [MXC_OP_FILE] = {8, TEXT | PATH | A | BLOB | OTHER},
    [MXC_OP_SYMLINK] = {8, TEXT | PATH | TEXT2 | OTHER},
    [MXC_OP_BIND] = {8, TEXT | PATH | TEXT2 | A | B | C | D | OTHER},
    [MXC_OP_TMPFS] = {8, TEXT | PATH | A | B | C | D | OTHER},
    [MXC_OP_DEVPTS] = {8, TEXT | PATH | OTHER},
    [MXC_OP_PROC] = {8, TEXT | PATH | OTHER},
    [MXC_OP_DEVICE] = {8, TEXT | PATH | TEXT2 | A | B | OTHER},
    [MXC_OP_MASK] = {8, TEXT | PATH | A | B | OTHER},
    [MXC_OP_GHOST] = {8, TEXT | PATH | B | C | OTHER},
    [MXC_OP_SEAL_NAMESPACES] = {11, ONCE | WALL | OTHER},
    [MXC_OP_PIVOT] = {12, ONCE | WALL | OTHER},
    [MXC_OP_LOCK] = {13, A | B | ONCE | WALL | OTHER},
    [MXC_OP_CHILD] = {13, A | ONCE | PLAIN},
    [MXC_OP_RLIMIT] = {14, A | B | C},
    [MXC_OP_CAPS] = {15, A | ONCE | WALL | PLAIN},
    [MXC_OP_NNP] = {16, ONCE | WALL | PLAIN},
    [MXC_OP_LANDLOCK_RULE] = {17, TEXT | PATH | A | B | C | D},
    [MXC_OP_LANDLOCK] = {18, A | B | C | D | ONCE | PLAIN},
    [MXC_OP_SECCOMP] = {19, A | BLOB | ONCE | WALL | PLAIN},
    [MXC_OP_VERIFY] = {20, ONCE | WALL | PLAIN},
};

struct sizes { /* of the parts, after the header was believed */
    uint32_t strings_at, strings, blobs_at, blobs;
};

static int lay_out(struct sizes *sizes, const struct mxc_plan_header *header, size_t length) {
    if (header->magic != MXC_PLAN_MAGIC || header->flags || header->total_bytes != length)
        return -1;
    if (header->op_count > MXC_PLAN_MAX_OPS || header->string_bytes > MXC_PLAN_MAX_BYTES ||
        header->blob_bytes > MXC_PLAN_MAX_BYTES || !header->string_bytes)
        return -1;
    /* The bounds above keep every sum far below 2^32. */
    sizes->strings_at = (uint32_t)(sizeof *header + header->op_count * sizeof(struct mxc_op));
    sizes->strings = header->string_bytes;
    sizes->blobs_at = (sizes->strings_at + sizes->strings + 7) & ~7u;
    sizes->blobs = header->blob_bytes;
    return sizes->blobs_at + sizes->blobs == length ? 0 : -1;
}

static int string_ok(const struct mxc_plan_view *view, uint32_t offset) {
    if (offset >= view->header->string_bytes)
        return 0;
    return !offset || !view->strings[offset - 1]; /* the start of a string, not its middle */
}

/* Absolute, no empty part, no "." and no "..", no slash at the end; "/" itself only where `root` allows it. */
static int path_ok(const char *path, int root) {
    if (*path != '/')
        return 0;
    if (!path[1])
        return root;
    while (*path) {
        const char *part = ++path; /* path was at a slash */
        while (*path && *path != '/')
            path++;
        size_t length = (size_t)(path - part);
        if (!length || (part[0] == '.' && (length == 1 || (length == 2 && part[1] == '.'))))
            return 0;
    }
    return 1;
}

static int file_name_ok(const char *name) {
    if (!*name || *name == '.')
        return 0;
    for (; *name; name++)
        if (*name == '/')
            return 0;
    return 1;
}

static int blob_ok(const struct mxc_plan_view *view, const struct mxc_op *op) {
    uint32_t all = view->header->blob_bytes;
    return op->blob % 8 == 0 && op->blob <= all && op->blob_length <= all - op->blob;
}

/* Strings and blob are inside, and what the kind does not use is zero. */
static int fields_ok(const struct mxc_plan_view *view, const struct mxc_op *op) {
    uint16_t uses = shapes[op->kind].uses;
    if (!string_ok(view, op->origin) || !string_ok(view, op->text) || !string_ok(view, op->text2))
        return 0;
    if ((!(uses & TEXT) && op->text) || (!(uses & TEXT2) && op->text2))
        return 0;
    if (!(uses & BLOB) && (op->blob || op->blob_length))
        return 0;
    if ((!(uses & A) && op->a) || (!(uses & B) && op->b) || (!(uses & C) && op->c) || (!(uses & D) && op->d))
        return 0;
    if ((uses & TEXT) && !*mxc_plan_text_at(view, op->text))
        return 0;
    if ((uses & TEXT2) && !*mxc_plan_text_at(view, op->text2))
        return 0;
    if ((uses & PATH) && !path_ok(mxc_plan_text_at(view, op->text), op->kind == MXC_OP_LANDLOCK_RULE))
        return 0;
    return !(uses & BLOB) || blob_ok(view, op);
}

static int type_ok(uint64_t type) { return type == MXC_OBJECT_FOLDER || type == MXC_OBJECT_FILE; }

/* Numbers that select something are ones that we know. */
static int numbers_ok(const struct mxc_plan_view *view, const struct mxc_op *op) {
    const uint64_t bind_flags =
        MXC_BIND_READONLY | MXC_BIND_NOEXEC | MXC_BIND_IDMAP | MXC_BIND_OPTIONAL | MXC_BIND_ON_LINK;
    switch (op->kind) {
    case MXC_OP_IDENTITY:
        return op->a == MXC_IDENTITY_CALLER || op->a == MXC_IDENTITY_SESSION;
    case MXC_OP_CGROUP:
        return op->a >= MXC_CGROUP_MEMORY && op->a <= MXC_CGROUP_UNIFIED && (op->b == 1 || op->b == 2);
    case MXC_OP_CGROUP_SET:
        return file_name_ok(mxc_plan_text_at(view, op->text));
    case MXC_OP_WATCH:
        return op->a >= MXC_WATCH_MEMORY && op->a <= MXC_WATCH_DISK;
    case MXC_OP_DIR:
        return op->a <= 01777;
    case MXC_OP_FILE:
        return op->a <= 0777;
    case MXC_OP_BIND:
        return !(op->a & ~bind_flags) && type_ok(op->d) && (!(op->a & MXC_BIND_ON_LINK) || op->d == MXC_OBJECT_FILE) &&
               path_ok(mxc_plan_text_at(view, op->text2), 0);
    case MXC_OP_TMPFS:
        return op->c <= 01777 && !(op->d & ~(uint64_t)(MXC_BIND_READONLY | MXC_BIND_NOEXEC));
    case MXC_OP_DEVICE:
        return path_ok(mxc_plan_text_at(view, op->text2), 0);
    case MXC_OP_MASK:
        return (type_ok(op->a) || op->a == MXC_OBJECT_LINK) && op->b <= 1;
    case MXC_OP_LISTEN:
        return op->a >= 1 && op->a <= 65535 && op->b <= 1;
    case MXC_OP_PUBLISH:
        return op->a >= 1 && op->a <= 65535 && op->b <= 65535;
    case MXC_OP_DIALERS:
        return op->a >= 1 && op->a <= MXC_NET_MAX_DIALERS;
    case MXC_OP_SPARES:
        return op->a >= 1 && op->a <= MXC_NET_MAX_SPARES && op->b && !(op->b & ~(uint64_t)MXC_TOLD_ALL);
    case MXC_OP_RELAY:
        return op->blob_length != 0;
    case MXC_OP_CHILD:
    case MXC_OP_CAPS:
        return op->a <= 1;
    case MXC_OP_RLIMIT:
        return op->c <= 1;
    case MXC_OP_LANDLOCK_RULE:
        return !op->d || type_ok(op->d);
    case MXC_OP_SECCOMP:
        return op->blob_length && op->blob_length % 8 == 0;
    default:
        return 1;
    }
}

static int order_ok(const struct mxc_op *before, const struct mxc_op *op) {
    uint16_t last = before ? shapes[before->kind].rank : 0;
    if (shapes[op->kind].rank < last)
        return 0;
    if (op->kind == MXC_OP_CGROUP_SET)
        return before && (before->kind == MXC_OP_CGROUP || before->kind == MXC_OP_CGROUP_SET);
    return !before || before->kind != op->kind || !(shapes[op->kind].uses & ONCE);
}

static int strings_ok(const struct mxc_plan_view *view, const struct sizes *sizes) {
    if (view->strings[0] || view->strings[sizes->strings - 1])
        return 0;
    for (uint32_t at = sizes->strings_at + sizes->strings; at < sizes->blobs_at; at++)
        if (view->strings[at - sizes->strings_at]) /* the gap before the blobs */
            return 0;
    return 1;
}

int mxc_plan_view(struct mxc_plan_view *view, const void *bytes, size_t length) {
    const unsigned char *start = bytes;
    struct sizes sizes;
    if (!bytes || (uintptr_t)bytes % 8 || length < sizeof(struct mxc_plan_header) || length > MXC_PLAN_MAX_BYTES)
        return -1;
    if (lay_out(&sizes, bytes, length))
        return -1;
    struct mxc_plan_view found = {
        .header = bytes,
        .ops = (const struct mxc_op *)(const void *)(start + sizeof(struct mxc_plan_header)),
        .strings = (const char *)start + sizes.strings_at,
        .blobs = start + sizes.blobs_at,
        .op_count = ((const struct mxc_plan_header *)bytes)->op_count,
    };
    if (!strings_ok(&found, &sizes))
        return -1;
    for (uint32_t i = 0; i < found.op_count; i++) {
        const struct mxc_op *op = &found.ops[i];
        if (!op->kind || op->kind >= MXC_OP_KINDS || !fields_ok(&found, op) || !numbers_ok(&found, op) ||
            !order_ok(i ? op - 1 : NULL, op))
            return -1;
    }
    *view = found;
    return 0;
}

const struct mxc_op *mxc_plan_find(const struct mxc_plan_view *view, uint32_t kind) {
    for (uint32_t i = 0; i < view->op_count; i++)
        if (view->ops[i].kind == kind)
            return &view->ops[i];
    return NULL;
}

/* What must hold between the ops of a plan without namespaces: files are confined by all that Landlock ever knew, and
 * init is told that it may kill everyone only where that cannot reach anybody else. */
static int plain_ok(const struct mxc_plan_view *view, int own_uid) {
    const struct mxc_op *landlock = mxc_plan_find(view, MXC_OP_LANDLOCK);
    const struct mxc_op *caps = mxc_plan_find(view, MXC_OP_CAPS);
    int scoped = (landlock->b & MXC_LANDLOCK_SCOPE_SIGNAL) != 0;
    if ((landlock->a & MXC_LANDLOCK_FIRST_RIGHTS) != MXC_LANDLOCK_FIRST_RIGHTS)
        return 0;
    return (!mxc_plan_find(view, MXC_OP_CHILD)->a || own_uid || scoped) && (!caps->a || !own_uid);
}

int mxc_plan_complete(const struct mxc_plan_view *view) {
    uint64_t present = 0;
    _Static_assert(MXC_OP_KINDS <= 64, "one bit a kind");
    for (uint32_t i = 0; i < view->op_count; i++)
        present |= UINT64_C(1) << view->ops[i].kind;
    int plain = (present >> MXC_OP_CHILD & 1) != 0;
    for (uint32_t kind = 1; kind < MXC_OP_KINDS; kind++) {
        int is_there = (present >> kind & 1) != 0;
        int needed = (shapes[kind].uses & (plain ? PLAIN : WALL)) != 0;
        int foreign = plain ? (shapes[kind].uses & OTHER) != 0 : kind == MXC_OP_CHILD || kind == MXC_OP_SCRATCH;
        if ((needed && !is_there) || (foreign && is_there))
            return -1;
    }
    if ((present >> MXC_OP_SPARES & 1) && !(present >> MXC_OP_RELAY & 1))
        return -1; /* nobody would take what listens */
    if (plain)
        return plain_ok(view, mxc_plan_find(view, MXC_OP_IDENTITY)->a == MXC_IDENTITY_SESSION) ? 0 : -1;
    return mxc_plan_find(view, MXC_OP_CAPS)->a ? -1 : 0;
}
