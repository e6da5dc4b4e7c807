"""The safety lines: for each, how it is taken out, and the tests of which at least one must then fail. A line that
stands behind another one that does the same is taken out together with that one (several edits), and the tests of the
second line alone are named where there are some. Tests: `row ID` (tests/walls), `conf NAME` (conformance through the
C API), `ctest NAME`."""


class Mutation:
    def __init__(self, id, what, edits, *tests):
        self.id, self.what, self.edits, self.tests = id, what, edits, tests


def M(id, what, file, search, replacement, *tests):
    return Mutation(id, what, [("core/src/" + file, search, replacement)], *tests)


def several(id, what, edits, *tests):
    return Mutation(id, what, [("core/src/" + file, search, replacement) for file, search, replacement in edits], *tests)


NS = "backend/namespaces/"

RIGHTS = [
    M("bounding-set", "init empties its bounding set", "ops/identity.c",
      "if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)", "if (cap == CAP_SYS_ADMIN || prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)",
      "row P1"),
    M("securebits-noroot", "id 0 gives no capabilities", "ops/identity.c",
      "SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | ", "", "row M-securebits"),
    M("securebits-setuid", "setuid gives no capabilities", "ops/identity.c",
      "SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |", "", "row M-securebits"),
    M("securebits-keep-caps", "capabilities are not kept over setuid", "ops/identity.c",
      "SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE", "SECBIT_NO_CAP_AMBIENT_RAISE", "row M-securebits"),
    M("securebits-ambient", "no ambient capability can be raised", "ops/identity.c",
      " | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED", "", "row M-securebits"),
    M("capability-sets", "init empties its capability sets", "ops/identity.c",
      "return (int)mxc_sys(SYS_capset, &header, none);", "(void)none, (void)header;\n    return 0;", "row P1"),
    M("no-new-privs", "no_new_privs", "ops/identity.c",
      "return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;", "return 0;", "row P1"),
    M("caps-in-plan", "the plan drops capabilities", NS + "lower.c",
      'MXC_PLAN_ADD(plan, MXC_OP_CAPS, .origin = "/process/user");', "", "row P1"),
    M("groups", "root's supplementary groups are given up", "ops/identity.c",
      "return (int)mxc_sys(SYS_setgroups, 0, NULL);", "return 0;", "row P12", "row M-groups-of-root"),
    M("session-uid", "started by root: a host uid of its own", "ops/identity.c",
      "apply->host_uid = (uint32_t)(op->b + part * PIDS + (uint64_t)getpid());", "apply->host_uid = 65534 + 0 * (uint32_t)part;", "row P16"),
    M("keeper-rights", "root's keeper sheds its capabilities", "keeper/start.c",
      "long result = mxc_sys(SYS_capset, &header, keep);", "long result = keep[1].effective + header.pid;", "row M-keeper"),
    M("keeper-nnp", "the keeper's no_new_privs", "keeper/start.c",
      "(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)",
      "prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0", "row M-keeper"),
    M("keeper-dumpable", "the keeper cannot be read by the caller's other processes", "keeper/start.c",
      " || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0))", "))", "row M-keeper"),
    M("init-dumpable", "init cannot be read from inside", "keeper/init.c",
      "prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || ", "", "row P8", "row M-unfiltered"),
    M("keyring", "an empty session keyring", "keeper/keyring.c",
      "return join_shared() ? 0 : join_own();", "return -ENOSYS;", "row M-unfiltered"),
    M("keyring-of-others", "a keyring that somebody else has made is not joined", "keeper/keyring.c",
      "    return is_empty_for_good();", "    return 1;", "ctest host_keys"),
]

NAMESPACES = [
    *[M(f"namespace-{name.lower()}", f"a {name.lower()} namespace of its own", NS + "lower.c", search, replacement,
        "ctest plan_golden", *tests)
      for name, search, replacement, tests in [
          ("PID", "CLONE_NEWPID | ", "", ["row P6"]), ("NET", "CLONE_NEWNET | ", "", ["row I4"]),
          ("IPC", "CLONE_NEWIPC | ", "", ["row I1"]), ("UTS", "CLONE_NEWUTS | ", "", [])]],
    M("namespace-cgroup", "a cgroup namespace of its own", "ops/begin.c", "if (unshare(CLONE_NEWCGROUP) != 0)", "if (!CLONE_NEWCGROUP)",
      "row M-cgroup-view"),
    M("no-more-user-namespaces", "no further user namespace can be made", "ops/identity.c",
      'return mxc_file_write(apply->proc, "sys/user/max_user_namespaces", "1", 1);', "return apply->proc < 0;",
      "row M-unfiltered"),
    M("second-user-namespace", "mounts are locked by a second user namespace", "ops/identity.c",
      "if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)", "if (unshare(CLONE_NEWNS) != 0)", "row F15"),
    M("cgroup-entered", "init enters its groups before anything else", "ops/begin.c",
      "        if (write(apply->cgroups[i].procs, \"0\", 1) != 1)\n            return -errno;\n", "", "row M-groups"),
    M("grants-private", "nor do they below a grant of root", "ops/bind.c", ".attr_set = bind_attributes(op) | MXC_ATTR_IDMAP, .propagation = MS_PRIVATE,",
      ".attr_set = bind_attributes(op) | MXC_ATTR_IDMAP,", "row M-later-mounts"),
    M("private-mounts", "later mounts of the host do not appear inside", "ops/begin.c",
      'return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ? -errno : 0;', "return 0;", "row M-later-mounts"),
]

MOUNTS = [
    M("bind-nosuid", "grants are nosuid", "ops/bind.c", "MXC_ATTR_NOSUID | MXC_ATTR_NODEV;\n    if (op->a & MXC_BIND_READONLY)",
      "MXC_ATTR_NODEV;\n    if (op->a & MXC_BIND_READONLY)", "row P2"),
    M("bind-nodev", "grants are nodev", "ops/bind.c", "MXC_ATTR_NOSUID | MXC_ATTR_NODEV;\n    if (op->a & MXC_BIND_READONLY)",
      "MXC_ATTR_NOSUID;\n    if (op->a & MXC_BIND_READONLY)", "row P1"),
    M("bind-readonly", "read-only grants", "ops/bind.c", "        set |= MXC_ATTR_RDONLY;\n", "        set |= 0;\n", "row F2"),
    M("bind-recursive", "flags of a grant hold for mounts below it", "ops/bind.c",
      'int result = mxc_mount_setattr(tree, "", MXC_AT_EMPTY | MXC_AT_RECURSIVE, &attr);\n    return result < 0 ? result : attach(',
      'int result = mxc_mount_setattr(tree, "", MXC_AT_EMPTY, &attr);\n    return result < 0 ? result : attach(',
      "row M-mounts-below"),
    M("bind-recursive-root", "the same when root starts it", "ops/bind.c",
      'int result = mxc_mount_setattr(tree, "", MXC_AT_EMPTY | recursive, &attr);', 'int result = mxc_mount_setattr(tree, "", MXC_AT_EMPTY, &attr);',
      "row M-mounts-below"),
    M("bind-identity", "a grant is the object that the policy's author saw", "ops/bind.c",
      "if (found->st_dev != op->b || found->st_ino != op->c || (found->st_mode & S_IFMT) != op->d)", "if (0)", "row M-swapped"),
    M("targets-no-links", "no link inside a grant leads a later mount away", "ops/tree.c",
      "(MXC_RESOLVE_IN_ROOT | MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS)", "(MXC_RESOLVE_IN_ROOT)", "ctest ops_tree"),
    M("mask-no-links", "no link leads a mask away", "ops/mount.c",
      "                                         MXC_RESOLVE_IN_ROOT | MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS);",
      "                                         MXC_RESOLVE_IN_ROOT);", "row M-redirected"),
    M("mask-attached", "masks lie over what is denied", "ops/mount.c",
      "return result < 0 ? result : mxc_move_mount(tree, target);\n}\n\nint mxc_op_mask",
      "(void)target;\n    return result;\n}\n\nint mxc_op_mask",
      "row F13"),
    M("mask-flags", "masks are read-only, noexec", "ops/mount.c",
      "MASK_ATTRIBUTES (MXC_ATTR_RDONLY | MXC_ATTR_NOSUID", "MASK_ATTRIBUTES (MXC_ATTR_NOSUID",
      "row F13"),
    M("ghost-covered", "absent protected names are covered", "ops/mount.c",
      "return tree < 0 ? mxc_take_fd(&tree) : mxc_move_mount(tree, target);\n}\n\nstatic int cover_with",
      "(void)target;\n    return tree < 0 ? mxc_take_fd(&tree) : 0;\n}\n\nstatic int cover_with", "row F8"),
    M("ghost-removed", "and their places are removed", "ops/ghost.c",
      "mxc_ghost_drop(ghost", "if (0)\n            mxc_ghost_drop(ghost", "row F8"),
    M("mask-unreadable", "the source of masks has no permissions", "ops/mount.c",
      '"file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);', '"file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);', "row F14"),
    M("tmpfs-flags", "private file systems are nosuid, nodev", "ops/mount.c",
      "unsigned int attributes = MXC_ATTR_NOSUID | MXC_ATTR_NODEV;", "unsigned int attributes = 0;", "row P1"),
    M("tmpfs-size", "private file systems are bounded", "ops/mount.c", 'int result = set_number(fs, "size", bytes, 0);',
      "int result = 0 * (int)bytes;", "conf filesystem/025-tmp-is-bounded"),
    M("tmpfs-inodes", "and so is the number of files in them", "ops/mount.c",
      'result = set_number(fs, "nr_inodes", inodes, 0);', "result = 0 * (int)inodes;", "row M-inodes"),
    M("root-readonly", "the new root is read-only", "ops/mount.c",
      'return result < 0 ? result : mxc_mount_setattr(AT_FDCWD, "/", 0, &readonly);', "return result;", "row F1"),
    M("proc-readonly", "/proc is read-only", "ops/mount.c", 'result = mxc_mount_setattr(AT_FDCWD, "/proc", 0, &readonly);',
      "result = 0;", "row F22"),
    M("proc-noexec", "/proc is noexec", "ops/mount.c", "MXC_ATTR_NOSUID | MXC_ATTR_NODEV | MXC_ATTR_NOEXEC);\n    int result = mount < 0",
      "MXC_ATTR_NOSUID | MXC_ATTR_NODEV);\n    int result = mount < 0", "row M-noexec"),
    M("device-noexec", "devices are nosuid, noexec", "ops/mount.c", "{.attr_set = MXC_ATTR_NOSUID | MXC_ATTR_NOEXEC};\n    int result = mxc_mount_setattr(tree",
      "{.attr_set = MXC_ATTR_NOSUID};\n    int result = mxc_mount_setattr(tree", "row M-noexec"),
    M("devpts-noexec", "/dev/pts is noexec", "ops/mount.c", "finish_fs(fs, MXC_ATTR_NOSUID | MXC_ATTR_NOEXEC);", "finish_fs(fs, MXC_ATTR_NOSUID);",
      "row M-noexec"),
    M("device-verified", "a device is the one that it should be", "ops/mount.c",
      "if (!S_ISCHR(found.st_mode) || found.st_rdev != makedev((unsigned int)op->a, (unsigned int)op->b))", "if (0)", "row M-device"),
    M("old-root", "the old root is taken away", "ops/mount.c", 'if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)', 'if (chdir("/") != 0)',
      "row F1"),
    M("proc-masks", "files of /proc about the whole host are masked", NS + "proc_dev.c", '{"/proc/kallsyms", MXC_OBJECT_FILE}, ', "", "row F22",
      "ctest plan_golden"),
    M("id-mapped", "started by root: granted paths are ID-mapped", "ops/bind.c", "bind_attributes(op) | MXC_ATTR_IDMAP, .propagation = MS_PRIVATE, .userns_fd = (uint64_t)map}",
      "bind_attributes(op)}", "row F25", "conf filesystem/004-owner-of-new-files"),
]

LANDLOCK = [
    M("landlock", "Landlock is switched on", "ops/landlock.c",
      "result = (int)mxc_sys(SYS_landlock_restrict_self, apply->ruleset, op->c);", "result = 0 * (int)op->c;", "row M-landlock"),
    M("landlock-in-plan", "the plan has Landlock", NS + "lower.c", "    ns_landlock_lower(plan, layout);\n", "    (void)layout;\n", "row M-landlock"),
    M("landlock-files", "a readable file is not executable or writable for Landlock", NS + "landlock.c",
      'rule(rules, NS_BASELINE, "/etc", FS_READ);', 'rule(rules, NS_BASELINE, "/etc", rules->handled);', "ctest plan_golden"),
    M("landlock-devices", "no device can be made", NS + "landlock.c", "return rules->handled & ~(uint64_t)(FS_MAKE_CHAR | FS_MAKE_BLOCK);",
      "return rules->handled;", "ctest plan_golden"),
    M("landlock-scope", "no signal and no abstract socket leaves", NS + "landlock.c",
      ".b = abi >= 6 ? SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL : 0", ".b = 0", "ctest plan_golden"),
    M("landlock-mask", "rights of files only", "ops/landlock.c", "        rule.allowed_access &= FILE_RIGHTS;\n", "        (void)(FILE_RIGHTS);\n", "conf filesystem/006-single-file"),
]

FILTER = [
    M("weaker-unseen", "without namespaces: no opening that Landlock does not look at", "filter/narrow.c",
      '    {MXC_NARROW_UNSEEN, "openat", NULL, MXC_CHECK_SEEN_2},\n', "", "ctest filter_narrow"),
    M("filter-loaded", "the filter is loaded", NS + "lower.c", '.blob = from->filter,\n                 .blob_length = from->filter_count * sizeof *from->filter,',
      '.blob = from->filter + from->filter_count - 2,\n                 .blob_length = sizeof *from->filter,', "row K1"),
    M("filter-arch", "calls of another machine kill", "filter/compile.c", "put_jump(to, BPF_JEQ, ARCHITECTURE, start, kill);",
      "put_jump(to, BPF_JEQ, ARCHITECTURE, start, start);", "ctest filter_decisions", "row K4"),
    M("filter-default", "unknown calls do not exist", "filter/compile.c", "#define UNKNOWN_CALL (SECCOMP_RET_ERRNO | ENOSYS)",
      "#define UNKNOWN_CALL SECCOMP_RET_LOG", "ctest filter_decisions"),
    *[M(f"filter-{id}", what, "filter/tables.c", search, replacement, "ctest filter_decisions", *tests)
      for id, what, search, replacement, tests in [
          ("mounts", "mount and its relatives", "mount_calls, {DENY, DENY}", "mount_calls, {ALLOW, ALLOW}", ["row F16"]),
          ("namespaces", "unshare and setns", "namespace_calls, {DENY, DENY}", "namespace_calls, {ALLOW, ALLOW}", ["row P3"]),
          ("handles", "files by handle", "handles_calls, {DENY, DENY}", "handles_calls, {ALLOW, ALLOW}", []),
          ("ptrace", "ptrace and its relatives", "debug_calls, {DENY, DENY}", "debug_calls, {ALLOW, ALLOW}", ["row P8"]),
          ("kernel", "bpf, perf, userfaultfd", "kernel_calls, {DENY, DENY}", "kernel_calls, {ALLOW, ALLOW}", ["row K2"]),
          ("io-uring", "io_uring", "uring_calls, {DENY, DENY}", "uring_calls, {ALLOW, ALLOW}", ["row K1"]),
          ("keys", "kernel keys", "keys_calls, {DENY, DENY}", "keys_calls, {ALLOW, ALLOW}", ["row K3"]),
          ("machine", "calls that belong to the host", "machine_calls, {DENY, DENY}", "machine_calls, {ALLOW, ALLOW}", ["row K2"]),
          ("pointers", "clone3, openat2", "pointer_calls, {NOSYS, NOSYS}", "pointer_calls, {ALLOW, ALLOW}", ["row P4"]),
          ("modes", "setuid files", '{"fchmodat", MXC_CHECK_MODE_2},', "", ["row F25"]),
          ("clone", "clone with namespaces", '{"clone", MXC_CHECK_CLONE},', "", ["row P3"])]],
    *[M(f"filter-{id}", what, "filter/checks.c", search, replacement, "ctest filter_decisions", "ctest filter_program")
      for id, what, search, replacement in [
          ("setgid", "setgid files", "if_any_bit(p, S_ISUID | S_ISGID, TO_DENY, TO_ALLOW);", "if_any_bit(p, S_ISUID, TO_DENY, TO_ALLOW);"),
          ("tmpfile", "setuid files without a name", "O_CREAT | (O_TMPFILE & ~O_DIRECTORY), TO_NEXT", "O_CREAT, TO_NEXT"),
          ("devices", "device nodes", "if_equal(p, S_IFSOCK, TO_ALLOW, TO_DENY);", "if_equal(p, S_IFSOCK, TO_ALLOW, TO_ALLOW);"),
          ("netlink", "netlink but route", "if_equal(p, 0, TO_ALLOW, TO_DENY); /* NETLINK_ROUTE", "if_equal(p, 0, TO_ALLOW, TO_ALLOW); /* NETLINK_ROUTE"),
          ("terminal", "typing into a terminal", "TIOCSTI, TIOCLINUX,", "TIOCLINUX,"),
          ("inode-flags", "immutable files", "FS_IOC_SETFLAGS, FS_IOC32_SETFLAGS,", "FS_IOC32_SETFLAGS,"),
          ("upper-half", "only the low word of an argument counts", "uint32_t offset = (uint32_t)(offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t));",
           "uint32_t offset = (uint32_t)(offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t) + 4);"),
          ("listener", "a listener of one's own", "if_any_bit(p, SECCOMP_FILTER_FLAG_NEW_LISTENER, TO_DENY, TO_ALLOW);",
           "if_any_bit(p, SECCOMP_FILTER_FLAG_NEW_LISTENER, TO_ALLOW, TO_ALLOW);"),
          ("prctl", "securebits", "if_equal(p, PR_SET_SECUREBITS, TO_DENY, TO_ALLOW);", "if_equal(p, PR_SET_SECUREBITS, TO_ALLOW, TO_ALLOW);")]],
    M("filter-wall-list", "no policy can allow what would open the walls", "filter/tables.c",
      "mount_calls, {DENY, DENY}, WALL}", "mount_calls, {DENY, DENY}, 0}", "ctest filter_lists", "ctest filter_golden"),
    M("notify-refusal", "recorded calls are refused", "keeper/notify.c", ".error = -EPERM};",
      ".error = 0, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};", "row K1"),
    M("notify-denials", "and recorded", "keeper/notify.c", "    if (owner)\n        count_denial(", "    if (0 && owner)\n        count_denial(",
      "conf denials/002-unshare"),
]

VERIFY = [
    M("verify-asked", "the plan asks init to verify", NS + "lower.c", '    MXC_PLAN_ADD(plan, MXC_OP_VERIFY, .origin = "/containment");\n', "", "row P1"),
    M("verify-done", "init verifies", "ops/verify.c", "int result = check_process(apply);\n    return result < 0 ? result : check_mounts(apply);",
      "(void)check_process, (void)check_mounts, (void)apply;\n    return 0;", "ctest lies"),
    M("verify-capabilities", "the capability sets", "ops/verify.c", "        if (!all_zero(status, sets[i]))\n            return fail(apply, MXC_CHECK_CAPABILITIES);\n",
      "        (void)all_zero(status, sets[i]);\n", "ctest ops_verify"),
    M("verify-nnp", "no_new_privs", "ops/verify.c", 'if (!starts_with(status, "NoNewPrivs", "1\\n"))', "if (0)", "ctest ops_verify"),
    M("verify-nosuid", "nosuid on every mount", "ops/verify.c", '|| !has_option(options, length, "nosuid"))', "|| 0)", "ctest ops_verify"),
    M("verify-readonly", "read-only mounts", "ops/verify.c", '(wants & WANT_READONLY) && !has_option(options, length, "ro")', "0", "ctest ops_verify"),
    M("verify-nodev", "nodev", "ops/verify.c", '(wants & WANT_NODEV) && !has_option(options, length, "nodev")', "0", "ctest ops_verify"),
    M("verify-filter", "the filter is there", "ops/verify.c",
      'if (plan_has(apply, MXC_OP_SECCOMP) && !starts_with(status, "Seccomp", "2\\n"))', "if (0 && plan_has(apply, MXC_OP_SECCOMP))", "ctest ops_verify"),
    M("verify-ids", "ids, and pid 1", "ops/verify.c", "if (getpid() != 1 || getuid() == 0 || getuid() != geteuid() || getgid() == 0)",
      "if (0)", "ctest ops_verify"),
    M("plan-complete", "a plan that lacks a wall is never applied", "../keeper/main.c",
      "return mxc_plan_complete(&keeper.plan); /* without its filter or its verification no plan is applied */", "return 0;", "ctest keeper_plan"),
    M("plan-sealed", "a plan that can still change is never applied", "../keeper/main.c",
      "if (seals < 0 || (seals & (F_SEAL_WRITE | F_SEAL_SHRINK)) != (F_SEAL_WRITE | F_SEAL_SHRINK))", "if (seals < 0)", "ctest keeper_plan"),
]

COMMANDS = [
    M("descriptors-of-the-host", "the keeper gets no descriptor of the host", "client/start.c", "if (syscall(SYS_close_range, FIRST_FREE, ~0u, CLOSE_RANGE_CLOEXEC) != 0)", "if (0)",
      "row M-descriptors"),
    several("descriptors-of-the-command", "nor does the command",
            [("client/start.c", "if (syscall(SYS_close_range, FIRST_FREE, ~0u, CLOSE_RANGE_CLOEXEC) != 0)", "if (0)"),
             ("keeper/exec.c", "return (int)mxc_sys(SYS_close_range, 3u, ~0u, 0u);", "return 0;")], "row F18"),
    M("standard-input", "a folder is refused as standard input", "client/command.c", "S_ISDIR", "S_ISSOCK", "ctest client_process"),
    several("environment", "the caller's environment does not reach the command",
            [("api/request_env.c", "    int clean = !policy->process", "    extern char **environ;\n    int clean = !policy->process"),
             ("api/request_env.c", "clean ? defaults : NULL", "clean ? (const char *const *)environ : NULL")], "row A7"),
    several("own-session", "no controlling terminal: keeper, init and command are leaders of sessions of their own",
            [("client/start.c", "        syscall(SYS_setsid);\n", ""), ("keeper/init.c", " || setsid() < 0)", ")"),
             ("keeper/exec.c", "int result = setsid() < 0 ? -errno : 0;", "int result = 0;")], "row T1", "row T3"),
    several("ends-with-keeper", "init dies with the keeper",
            [("keeper/init.c", "if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE", "if (prctl(PR_SET_DUMPABLE"),
             ("keeper/init.c", "prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) ? -errno : mxc_builder_begin(apply);", "mxc_builder_begin(apply);")], "row M-keeper-killed"),
    M("ends-with-keeper-socket", "also when it was killed before init could ask for its death", "keeper/start.c",
      "        close(keeper->init);", "        (void)keeper->init;", "row M-descriptors"),
    several("ends-with-host", "the keeper ends with the host",
            [("keeper/loop.c", "if (slots[SLOT_HOST].revents)", "if (0)"),
             ("keeper/loop.c", "if (got <= 0 || message.kind == MXC_MSG_SHUTDOWN) {", "if (got > 0 && message.kind == MXC_MSG_SHUTDOWN) {")], "row D10"),
    M("pool-early-record", "only where nothing outside can be reached may a record come before the end", "keeper/park.c",
      "parked->early = !reaches_outside(&keeper->plan);", "parked->early = reaches_outside(&keeper->plan) >= 0;", "ctest host_pool"),
    M("pool-stale-paths", "a sandbox that was built ahead is used for the paths that are there now", "probe/still.c",
      "now.st_ino != fact->ino", "0", "ctest probe_still", "ctest host_pool"),
    M("ends-with-host-pidfd", "also when a child of the host holds the socket", "keeper/loop.c",
      "if (slots[SLOT_HOST].revents)", "if (0)", "row M-host-forked"),
]

LIMITS = [
    M("rlimits", "rlimits are set", "ops/identity.c", "return setrlimit((int)op->a, &limit) ? -errno : 0;", "return 0;", "conf limits/012-open-files"),
    M("rlimit-nproc", "processes without a cgroup", "backend/limits.c", "        MXC_PLAN_ADD(plan, MXC_OP_RLIMIT, .origin = PROCESSES, .a = RLIMIT_NPROC,\n                     .b = plus(limits.processes, SPARE_PROCESSES), .c = (uint64_t)shared_uid);",
      "        (void)shared_uid;", "ctest plan_golden", "conf limits/004-processes"),
    M("rlimit-core", "no core dumps", "backend/limits.c", 'rlimit(plan, "", RLIMIT_CORE, 1);', "", "row D13"),
    M("cgroup-memory", "memory in a cgroup", "backend/limits.c", 'set_number(plan, MEMORY, "memory.limit_in_bytes", limits->memory_bytes);', "", "ctest plan_golden", "conf limits/001-memory"),
    M("cgroup-pids", "processes in a cgroup", "backend/limits.c", 'set_number(plan, PROCESSES, "pids.max", plus(limits->processes, INIT_PROCESSES));', "(void)limits, (void)plan;", "ctest plan_golden", "conf limits/004-processes"),
    M("cgroup-written", "settings of cgroups are written", "ops/cgroup.c",
      "int result = mxc_file_write(apply->cgroups[apply->cgroup_count - 1].folder, file, value, strlen(value));", "int result = 0 * (int)strlen(value);", "conf limits/004-processes", "conf limits/001-memory"),
    M("watch-memory", "the keeper holds memory", "keeper/limits.c", "    if (limit && rss_bytes > limit) {\n        keeper->limits_hit", "    if (0) {\n        keeper->limits_hit", "conf limits/001-memory"),
    M("watch-cpu", "the keeper holds CPU time", "keeper/limits.c", "cpu_ms > watch[MXC_WATCH_CPU_TIME]", "cpu_ms == UINT64_MAX", "conf limits/007-cpu-time"),
    M("deadline", "the keeper holds the deadline", "keeper/commands.c", "if (!running->id || !running->deadline_ns || now < running->deadline_ns)", "if (1 || now)", "conf timeout/002-term-ignored"),
    M("tree-killed", "everything of a command ends with it", "keeper/tend.c", "if (left && !end_the_rest(tend))", "if (0 && !end_the_rest(tend))",
      "conf lifecycle/006-daemon-of-a-command"),
    M("tree-killed-by-init", "also when init tends it, and others go on", "keeper/tend.c",
      "if (tend->everything && !(tend->others && tend->others->count))", "if (tend->everything)", "conf lifecycle/033-daemon-of-the-first"),
]

MUTATIONS = RIGHTS + NAMESPACES + MOUNTS + LANDLOCK + FILTER + VERIFY + COMMANDS + LIMITS

UNSEEN = [
    "the bounding set without CAP_SETFCAP and CAP_MKNOD while init builds (`ops/begin.c`): no code of the workload runs before "
    "init has emptied all sets, and the second user namespace starts with a new bounding set;",
    "clearing the ambient set (`ops/identity.c`): a new user namespace has none, and emptying the permitted set clears it;",
    "a mount namespace together with the second user namespace (`ops/identity.c`): without it the mounts belong to a namespace in "
    "which init has no rights, which is as strict;",
    "the way to a grant without links (`ops/bind.c`): a link that leads elsewhere leads to another object, which the identity "
    "check refuses; one that leads to the same object is harmless;",
    "`PR_SET_PDEATHSIG` of tenders (`keeper/init.c`): when pid 1 ends, the kernel ends everything in its namespace.",
]
