/* host_text.c: see host_text.h. Uses plain malloc, so that failing allocations hit the code under test only. */
#include "plan/host_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"

static void die(const char *file, const char *line) {
    fprintf(stderr, "%s: cannot understand: %s\n", file, line);
    exit(2);
}

static void add_node(struct test_host *host, const struct test_node *node) {
    if (host->count == host->capacity) {
        host->capacity = host->capacity ? 2 * host->capacity : 64;
        host->nodes = realloc(host->nodes, host->capacity * sizeof *host->nodes);
    }
    host->nodes[host->count++] = *node;
}

static void read_node(struct test_host *host, uint32_t type, char *rest) {
    struct test_node node = {.type = type,
                             .mode = type == S_IFDIR ? 0755 : 0644,
                             .links = 1,
                             .readable = 1,
                             .writable = 1,
                             .owner = host->host.uid};
    node.path = strdup(strtok(rest, " "));
    for (char *word = strtok(NULL, " "); word; word = strtok(NULL, " ")) {
        if (strcmp(word, "owner") == 0)
            node.owner = (uint32_t)atoi(strtok(NULL, " "));
        else if (strcmp(word, "links") == 0)
            node.links = (uint64_t)atoi(strtok(NULL, " "));
        else if (strcmp(word, "mode") == 0)
            node.mode = (uint32_t)strtoul(strtok(NULL, " "), NULL, 8);
        else if (strcmp(word, "unreadable") == 0)
            node.readable = 0;
        else if (strcmp(word, "unwritable") == 0)
            node.writable = 0;
        else if (strcmp(word, "closed") == 0)
            node.closed = 1;
        else if (strcmp(word, "ghost") == 0)
            node.ghost = 1;
        else
            die(node.path, word);
    }
    add_node(host, &node);
}

static void read_link(struct test_host *host, char *rest) {
    struct test_node node = {.type = S_IFLNK};
    node.path = strdup(strtok(rest, " "));
    node.target = strdup(strtok(NULL, " "));
    add_node(host, &node);
}

/* What a walk finds at a folder that has its own line before. */
static void read_mark(struct test_host *host, const char *word, char *rest) {
    char *path = strtok(rest, " ");
    for (size_t i = 0; i < host->count; i++) {
        struct test_node *node = &host->nodes[i];
        if (strcmp(node->path, path) != 0)
            continue;
        node->home |= strcmp(word, "home") == 0;
        node->cut |= strcmp(word, "cut") == 0;
        if (strcmp(word, "linked") == 0)
            node->linked = strdup(strtok(NULL, " "));
    }
}

static void read_cgroup(struct mxc_host *host, char *rest) {
    static const char *const names[] = {"", "memory", "pids", "cpu", "cpuacct", "unified"};
    struct mxc_cgroup_place place = {.writable = 1};
    const char *name = strtok(rest, " ");
    for (int i = 1; i < 6; i++)
        if (strcmp(names[i], name) == 0)
            place.controller = i;
    place.version = atoi(strtok(NULL, " "));
    place.folder = mxc_strdup(strtok(NULL, " "));
    place.writable = !strtok(NULL, " ");
    *(place.version == 1 ? &host->cgroup_v1 : &host->cgroup_v2) = 1;
    mxc_reserve(&host->cgroups, &host->cgroup_capacity, host->cgroup_count + 1, sizeof *host->cgroups);
    host->cgroups[host->cgroup_count++] = place;
}

static int read_missing(struct mxc_host *host, char *rest) {
    char *why = strchr(rest, ' ');
    if (why)
        *why++ = 0;
    if (strcmp(rest, "user-namespaces") == 0) {
        host->user_namespaces = 0;
        host->user_namespaces_why = mxc_strdup(why);
    } else if (strcmp(rest, "mount-api") == 0) {
        host->mount_api = 0;
        snprintf(host->lacking, sizeof host->lacking, "%s", why ? why : "");
    } else if (strcmp(rest, "process-api") == 0) {
        host->process_api = 0;
        snprintf(host->lacking, sizeof host->lacking, "%s", why ? why : "");
    } else if (strcmp(rest, "idmapped-mounts") == 0) {
        host->idmapped_mounts = 0;
    } else if (strcmp(rest, "seccomp-notify") == 0) {
        host->seccomp_notify = 0;
    } else {
        return -1;
    }
    return 0;
}

static void read_file(struct test_host *host, const char *file);

static void include(struct test_host *host, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", host->include_dir, name);
    read_file(host, path);
}

static int read_line(struct test_host *host, char *line) {
    static const struct {
        const char *word;
        uint32_t type;
    } kinds[] = {{"dir", S_IFDIR}, {"file", S_IFREG}, {"socket", S_IFSOCK}, {"device", S_IFCHR}};
    char *rest = strchr(line, ' ');
    if (rest)
        *rest++ = 0;
    if (strcmp(line, "root") == 0 || strcmp(line, "user") == 0) {
        host->host.privileged = *line == 'r';
        host->host.uid = host->host.gid = *line == 'r' ? 0 : 1001;
        return 0;
    }
    if (strcmp(line, "own-uids") == 0) {
        host->host.own_uids = 1;
        return 0;
    }
    for (size_t i = 0; rest && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(line, kinds[i].word) != 0)
            continue;
        read_node(host, kinds[i].type, rest);
        return 0;
    }
    if (rest && strcmp(line, "link") == 0)
        read_link(host, rest);
    else if (rest && (strcmp(line, "home") == 0 || strcmp(line, "cut") == 0 || strcmp(line, "linked") == 0))
        read_mark(host, line, rest);
    else if (rest && strcmp(line, "cgroup") == 0)
        read_cgroup(&host->host, rest);
    else if (rest && strcmp(line, "landlock") == 0)
        host->host.landlock_abi = atoi(rest);
    else if (rest && strcmp(line, "include") == 0)
        include(host, rest);
    else
        return rest && strcmp(line, "no") == 0 ? read_missing(&host->host, rest) : -1;
    return 0;
}

static void read_file(struct test_host *host, const char *file) {
    char line[4096];
    FILE *in = fopen(file, "re");
    if (!in)
        die(file, strerror(errno));
    while (fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = 0;
        if (*line && *line != '#' && read_line(host, line))
            die(file, line);
    }
    fclose(in);
}

void test_host_load(struct test_host *host, const char *file, const char *include_dir) {
    memset(host, 0, sizeof *host);
    host->include_dir = include_dir;
    host->host = (struct mxc_host){.cpus = 4,
                                   .seccomp_notify = 1,
                                   .user_namespaces = 1,
                                   .mount_api = 1,
                                   .process_api = 1,
                                   .idmapped_mounts = 1,
                                   .uid = 1001,
                                   .gid = 1001};
    read_file(host, file);
}

/* ---- walking the literal tree --------------------------------------------------------------------------------- */

struct walk {
    char real[4096], rest[8192];
    struct mxc_path_fact *fact;
    const struct test_node *at;
};

static const struct test_node *find(const struct test_host *host, const char *path) {
    for (size_t i = 0; i < host->count; i++)
        if (strcmp(host->nodes[i].path, path) == 0)
            return &host->nodes[i];
    return NULL;
}

/* Folders above a named node need no line of their own. */
static int implied(const struct test_host *host, const char *path) {
    size_t length = strlen(path);
    for (size_t i = 0; i < host->count; i++)
        if (strncmp(host->nodes[i].path, path, length) == 0 && host->nodes[i].path[length] == '/')
            return 1;
    return 0;
}

static int follow(struct walk *walk, const struct test_node *link) {
    char rest[sizeof walk->rest];
    struct mxc_path_fact *fact = walk->fact;
    struct mxc_link *grown = mxc_realloc(fact->via, (fact->via_count + 1) * sizeof *grown);
    if (!grown)
        return -1;
    fact->via = grown;
    grown[fact->via_count++] = (struct mxc_link){mxc_strdup(link->path), mxc_strdup(link->target)};
    memcpy(rest, walk->rest, sizeof rest);
    snprintf(walk->rest, sizeof walk->rest, "%s/%.4000s", link->target, rest);
    if (*link->target == '/')
        walk->real[0] = 0;
    return grown[fact->via_count - 1].path && grown[fact->via_count - 1].target ? 0 : -1;
}

/* One component: 0 to go on, an errno, or -1 when out of memory. */
static int step(const struct test_host *host, struct walk *walk, const char *name) {
    char path[4096 + 256];
    if (strcmp(name, "..") == 0) {
        char *slash = strrchr(walk->real, '/');
        if (slash)
            *slash = 0;
        walk->at = find(host, walk->real);
        return 0;
    }
    if (walk->at && walk->at->closed)
        return EACCES;
    if (walk->at && walk->at->type != S_IFDIR)
        return ENOTDIR;
    snprintf(path, sizeof path, "%s/%s", walk->real, name);
    const struct test_node *node = find(host, path);
    if (!node && !implied(host, path))
        return ENOENT;
    if (node && node->type == S_IFLNK) {
        walk->at = NULL;
        return follow(walk, node);
    }
    walk->at = node;
    snprintf(walk->real, sizeof walk->real, "%.4095s", path);
    return 0;
}

static int describe(struct mxc_path_fact *fact, const struct test_host *host, const struct walk *walk) {
    static const struct test_node folder = {.type = S_IFDIR, .mode = 0755, .links = 2, .readable = 1};
    const struct test_node *node = walk->at ? walk->at : &folder;
    fact->real = mxc_strdup(walk->real[0] ? walk->real : "/");
    fact->type = node->type;
    fact->owner = node->owner;
    fact->mode = node->mode;
    fact->links = node->links;
    fact->readable = node->readable;
    fact->writable = node->writable;
    fact->ghost = node->ghost;
    fact->dev = 1;
    fact->ino = walk->at ? (uint64_t)(walk->at - host->nodes) + 2 : 1;
    return fact->real ? 0 : -1;
}

static int look(struct test_host *host, const char *path) {
    struct mxc_path_fact fact = {0};
    struct walk walk = {.fact = &fact};
    char name[256];
    int result = 0;
    if (mxc_reserve(&host->host.paths, &host->host.path_capacity, host->host.path_count + 1, sizeof *host->host.paths))
        return -1;
    fact.path = mxc_strdup(path);
    snprintf(walk.rest, sizeof walk.rest, "%s", path);
    for (;;) {
        char *start = walk.rest + strspn(walk.rest, "/");
        size_t length = strcspn(start, "/");
        if (!length || result)
            break;
        snprintf(name, sizeof name, "%.*s", (int)length, start);
        memmove(walk.rest, start + length, strlen(start + length) + 1);
        result = step(host, &walk, name);
    }
    fact.sys_errno = result > 0 ? result : 0;
    if (result == 0)
        result = describe(&fact, host, &walk);
    host->host.paths[host->host.path_count++] = fact;
    return result < 0 || !fact.path ? -1 : 0;
}

/* ---- walks ------------------------------------------------------------------------------------------------------ */

static int has_child(const struct test_host *host, const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return find(host, path) || implied(host, path);
}

static int add_git(struct mxc_tree_fact *tree, const struct test_node *node) {
    if (mxc_reserve(&tree->gits, &tree->git_capacity, tree->git_count + 1, sizeof *tree->gits))
        return -1;
    tree->gits[tree->git_count] = (struct mxc_git){.path = mxc_strdup(node->path), .type = node->type};
    return tree->gits[tree->git_count++].path ? 0 : -1;
}

static int walk_tree(struct test_host *host, const char *folder) {
    struct mxc_tree_fact tree = {.folder = mxc_strdup(folder)};
    size_t length = strlen(folder);
    int failed = !tree.folder;
    for (size_t i = 0; !failed && i < host->count; i++) {
        const struct test_node *node = &host->nodes[i];
        const char *name = strrchr(node->path, '/') + 1;
        if (strcmp(node->path, folder) == 0) {
            tree.home = node->home;
            tree.cut = node->cut ? MXC_CUT_ENTRIES : MXC_CUT_NOT;
        }
        if (strncmp(node->path, folder, length) != 0 || (node->path[length] != '/' && node->path[length]))
            continue;
        if (node->type == S_IFDIR ? has_child(host, node->path, "HEAD") && has_child(host, node->path, "objects")
                                  : strcmp(name, ".git") == 0)
            failed = add_git(&tree, node);
    }
    if (!failed && !mxc_reserve(&host->host.trees, &host->host.tree_capacity, host->host.tree_count + 1, sizeof tree)) {
        host->host.trees[host->host.tree_count++] = tree;
        return 0;
    }
    mxc_tree_clear(&tree);
    return -1;
}

static int look_links(struct test_host *host, const char *folder) {
    const struct test_node *node = find(host, folder);
    struct mxc_linked_fact fact = {0};
    if (mxc_reserve(&host->host.linked, &host->host.linked_capacity, host->host.linked_count + 1, sizeof fact) ||
        !(fact.folder = mxc_strdup(folder)))
        return -1;
    fact.first = node && node->linked ? mxc_strdup(node->linked) : NULL;
    fact.count = fact.first != NULL;
    host->host.linked[host->host.linked_count++] = fact;
    return node && node->linked && !fact.first ? -1 : 0;
}

static int look_all(struct test_host *host, const struct mxc_wants *wants) {
    int failed = 0;
    for (size_t i = 0; !failed && i < wants->paths.count; i++)
        failed = !mxc_host_path(&host->host, wants->paths.items[i]) && look(host, wants->paths.items[i]);
    for (size_t i = 0; !failed && i < wants->trees.count; i++)
        failed = !mxc_host_tree(&host->host, wants->trees.items[i]) && walk_tree(host, wants->trees.items[i]);
    for (size_t i = 0; !failed && i < wants->denied.count; i++)
        failed = !mxc_host_linked(&host->host, wants->denied.items[i]) && look_links(host, wants->denied.items[i]);
    return failed;
}

mxc_status test_host_look(struct test_host *host, const struct mxc_backend *backend, const mxc_policy *policy,
                          mxc_error **err) {
    for (unsigned round = 0; round < MXC_WANTS_ROUNDS; round++) {
        struct mxc_wants wants = {0};
        mxc_status status = backend->wants(&wants, round, policy, &host->host, err);
        int failed = !status && look_all(host, &wants);
        mxc_wants_clear(&wants);
        if (status || failed)
            return status ? status : MXC_E_NO_MEMORY;
    }
    return MXC_OK;
}

void test_host_forget(struct test_host *host) {
    for (size_t i = 0; i < host->host.path_count; i++) {
        struct mxc_path_fact *fact = &host->host.paths[i];
        for (size_t j = 0; j < fact->via_count; j++) {
            mxc_free(fact->via[j].path);
            mxc_free(fact->via[j].target);
        }
        mxc_free(fact->via);
        mxc_free(fact->path);
        mxc_free(fact->real);
    }
    mxc_free(host->host.paths);
    host->host.paths = NULL;
    host->host.path_count = host->host.path_capacity = 0;
    for (size_t i = 0; i < host->host.tree_count; i++)
        mxc_tree_clear(&host->host.trees[i]);
    for (size_t i = 0; i < host->host.linked_count; i++) {
        mxc_free(host->host.linked[i].folder);
        mxc_free(host->host.linked[i].first);
    }
    mxc_free(host->host.trees);
    mxc_free(host->host.linked);
    host->host.trees = NULL;
    host->host.linked = NULL;
    host->host.tree_count = host->host.tree_capacity = host->host.linked_count = host->host.linked_capacity = 0;
}

void test_host_clear(struct test_host *host) {
    test_host_forget(host);
    for (size_t i = 0; i < host->count; i++) {
        free(host->nodes[i].path);
        free(host->nodes[i].target);
        free(host->nodes[i].linked);
    }
    free(host->nodes);
    mxc_host_clear(&host->host);
}
