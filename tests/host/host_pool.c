/* host_pool.c: pools in a program, with real sandboxes, through the public header alone. Each case looks at what a pool
 * promises: a sandbox for each command, the same results as cold ones, and nothing left. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "mxc/mxc.h"

#define PATIENCE_MS 10000

static char ground[] = "/tmp/mxc-pool-XXXXXX";

static int setup(void **state) {
    (void)state;
    return mkdtemp(ground) && chmod(ground, 0755) == 0 ? 0 : -1;
}

static int teardown(void **state) {
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", ground);
    return system(command);
}

static void pause_ms(long ms) {
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static void check(mxc_status status, mxc_error **err) {
    if (status != MXC_OK)
        fail_msg("%s (%s)", mxc_error_message(*err), mxc_error_hint(*err));
}

static mxc_policy *preset(const char *name, const char *folder) {
    mxc_policy *policy = NULL;
    mxc_error *err = NULL;
    check(mxc_policy_preset(&policy, name, folder, &err), &err);
    return policy;
}

static mxc_pool *pool_of(mxc_policy *policy, mxc_pool_options sizes) {
    mxc_pool *pool = NULL;
    mxc_error *err = NULL;
    sizes.struct_size = sizeof sizes;
    check(mxc_pool_new(&pool, policy, NULL, &sizes, &err), &err);
    mxc_policy_free(policy); /* the pool has a reference of its own */
    return pool;
}

static mxc_pool *strict(mxc_pool_options sizes) { return pool_of(preset("strict", NULL), sizes); }

static mxc_result *run(mxc_pool *pool, const char *script) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    const mxc_command command = {.struct_size = sizeof command, .argv = argv};
    mxc_result *result = NULL;
    mxc_error *err = NULL;
    check(mxc_pool_run(&result, pool, &command, &err), &err);
    return result;
}

static void says(mxc_pool *pool, const char *script, const char *expected) {
    mxc_result *result = run(pool, script);
    size_t length;
    assert_string_equal(mxc_result_output(result, MXC_STDOUT, &length), expected);
    assert_int_equal(mxc_result_exit_code(result), 0);
    mxc_result_free(result);
}

static mxc_process *spawn(mxc_pool *pool, const char *script) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    const mxc_command command = {.struct_size = sizeof command, .argv = argv};
    mxc_process *process = NULL;
    mxc_error *err = NULL;
    check(mxc_pool_spawn(&process, pool, &command, &err), &err);
    return process;
}

static int ends_well(mxc_process *process) {
    mxc_result *result = NULL;
    mxc_error *err = NULL;
    check(mxc_process_wait(&result, process, PATIENCE_MS, &err), &err);
    int code = mxc_result_exit_code(result);
    mxc_result_free(result);
    mxc_process_free(process);
    return code == 0;
}

/* Keepers are children of this program that carry their name. */
static unsigned keepers(pid_t *list, unsigned room) {
    DIR *proc = opendir("/proc");
    unsigned count = 0;
    for (struct dirent *entry; (entry = readdir(proc));) {
        char path[300], line[256], *end;
        int parent = 0;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE *stat = fopen(path, "re");
        int ours = stat && fgets(line, sizeof line, stat) && strstr(line, "(mxc-keeper)") &&
                   (end = strrchr(line, ')')) && end[2] != 'Z' && sscanf(end + 4, "%d", &parent) == 1 &&
                   parent == (int)getpid();
        if (stat)
            fclose(stat);
        if (ours && count < room)
            list[count++] = atoi(entry->d_name);
    }
    closedir(proc);
    return count;
}

static unsigned keeper_count(void) {
    pid_t list[64];
    return keepers(list, 64);
}

static int becomes(mxc_pool *pool, mxc_pool_counter counter, uint64_t least) {
    for (int waited = 0; waited < PATIENCE_MS; waited += 5, pause_ms(5))
        if (mxc_pool_count(pool, counter) >= least)
            return 1;
    return 0;
}

static int keepers_become(unsigned most) {
    for (int waited = 0; waited < PATIENCE_MS; waited += 5, pause_ms(5))
        if (keeper_count() <= most)
            return 1;
    return 0;
}

/* ---- Cases ---- */

static void one_use_each(void **state) {
    (void)state;
    mxc_pool *pool = strict((mxc_pool_options){.size = 2});
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_READY), 2);
    for (int i = 0; i < 6; i++) {
        assert_true(becomes(pool, MXC_POOL_READY, 1));
        says(pool, "ls /tmp; echo x > /tmp/mine; test $$ -le 3 && ls /tmp", "mine\n"); /* a pid namespace of its own */
    }
    assert_true(becomes(pool, MXC_POOL_READY, 2));
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_TAKEN), 6);
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_COLD), 0);
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_FAILED), 0);
    mxc_pool_free(pool);
    assert_true(keepers_become(0));
}

static void exhausted_is_cold_and_grows(void **state) {
    (void)state;
    enum { AT_ONCE = 6 };
    mxc_process *running[AT_ONCE];
    mxc_pool *pool = strict((mxc_pool_options){.size = 1, .max = 4});
    for (int i = 0; i < AT_ONCE; i++)
        running[i] = spawn(pool, "sleep 0.3");
    assert_true(mxc_pool_count(pool, MXC_POOL_TAKEN) >= 1);
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_TAKEN) + mxc_pool_count(pool, MXC_POOL_COLD), AT_ONCE);
    for (int i = 0; i < AT_ONCE; i++)
        assert_true(ends_well(running[i]));
    if (mxc_pool_count(pool, MXC_POOL_COLD))
        assert_true(mxc_pool_count(pool, MXC_POOL_WANTED) > 1);
    assert_true(mxc_pool_count(pool, MXC_POOL_WANTED) <= 4);
    mxc_pool_free(pool);
    assert_true(keepers_become(0));
}

/* All at once until there are as many as there may be, then one by one. */
static void shrinks_to_min(void **state) {
    (void)state;
    enum { AT_ONCE = 8, COMMANDS = 400 };
    mxc_process *running[AT_ONCE];
    mxc_pool *pool = strict((mxc_pool_options){.size = 1, .max = 4});
    for (int round = 0; round < 20 && mxc_pool_count(pool, MXC_POOL_WANTED) < 4; round++) {
        for (int i = 0; i < AT_ONCE; i++)
            running[i] = spawn(pool, "true");
        for (int i = 0; i < AT_ONCE; i++)
            assert_true(ends_well(running[i]));
    }
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_WANTED), 4);
    for (int i = 0; i < COMMANDS && mxc_pool_count(pool, MXC_POOL_WANTED) > 1; i++) {
        assert_true(becomes(pool, MXC_POOL_READY, mxc_pool_count(pool, MXC_POOL_WANTED)));
        mxc_result_free(run(pool, "true"));
    }
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_WANTED), 1);
    mxc_pool_free(pool);
}

static void survives_the_death_of_members(void **state) {
    (void)state;
    pid_t list[64];
    mxc_pool *pool = strict((mxc_pool_options){.size = 3});
    unsigned count = keepers(list, 64);
    assert_true(count >= 3);
    for (unsigned i = 0; i < count; i++)
        kill(list[i], SIGKILL);
    assert_true(keepers_become(0));
    says(pool, "echo fine", "fine\n");
    assert_true(becomes(pool, MXC_POOL_FAILED, 3));
    assert_true(becomes(pool, MXC_POOL_READY, 1));
    says(pool, "echo fine", "fine\n");
    mxc_pool_free(pool);
    assert_true(keepers_become(0));
}

static void put(const char *folder, const char *name, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* What a policy means is looked up for each command, not when the sandbox was built. */
static void a_replaced_folder_is_seen(void **state) {
    (void)state;
    char granted[64], old[64], script[96];
    snprintf(granted, sizeof granted, "%s/granted", ground);
    snprintf(old, sizeof old, "%s/old", ground);
    snprintf(script, sizeof script, "cat %s/text", granted);
    assert_int_equal(mkdir(granted, 0755), 0);
    put(granted, "text", "first\n");
    mxc_pool *pool = pool_of(preset("read-only", granted), (mxc_pool_options){.size = 2});
    says(pool, script, "first\n");
    assert_int_equal(rename(granted, old), 0);
    assert_int_equal(mkdir(granted, 0755), 0);
    put(granted, "text", "second\n");
    says(pool, script, "second\n");
    assert_true(mxc_pool_count(pool, MXC_POOL_DROPPED) >= 1);
    assert_true(becomes(pool, MXC_POOL_READY, 1));
    says(pool, script, "second\n");
    mxc_pool_free(pool);
}

/* A repository that appears while sandboxes wait is as protected as one that was there before. */
static void a_new_repository_is_protected(void **state) {
    (void)state;
    char workspace[64], path[96], script[160];
    snprintf(workspace, sizeof workspace, "%s/workspace", ground);
    assert_int_equal(mkdir(workspace, 0755), 0);
    if (geteuid() == 0)
        assert_int_equal(chmod(workspace, 0777), 0);
    mxc_pool *pool = pool_of(preset("workspace", workspace), (mxc_pool_options){.size = 2});
    says(pool, "echo fine", "fine\n");
    for (const char *const *name =
             (const char *const[]){"sub", "sub/.git", "sub/.git/objects", "sub/.git/refs", "sub/.git/hooks", NULL};
         *name; name++) {
        snprintf(path, sizeof path, "%s/%s", workspace, *name);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    put(workspace, "sub/.git/HEAD", "ref: refs/heads/main\n");
    snprintf(script, sizeof script, "echo x > %s/sub/.git/hooks/post-commit && echo written", workspace);
    assert_true(becomes(pool, MXC_POOL_READY, 1));
    mxc_result *result = run(pool, script);
    assert_int_not_equal(mxc_result_exit_code(result), 0);
    assert_int_equal(mxc_result_finding_count(result), 0); /* what the host has made is nobody's finding */
    mxc_result_free(result);
    mxc_pool_free(pool);
}

static size_t findings(mxc_pool *pool, const char *script) {
    mxc_result *result = run(pool, script);
    assert_int_equal(mxc_result_exit_code(result), 0);
    size_t count = mxc_result_finding_count(result);
    mxc_result_free(result);
    return count;
}

/* Each is told what it has left itself, and nothing twice, though all are compared with what was found once. */
static void findings_are_of_one_command(void **state) {
    (void)state;
    char workspace[64], script[160];
    snprintf(workspace, sizeof workspace, "%s/findings", ground);
    assert_int_equal(mkdir(workspace, 0755), 0);
    if (geteuid() == 0)
        assert_int_equal(chmod(workspace, 0777), 0);
    mxc_pool *pool = pool_of(preset("workspace", workspace), (mxc_pool_options){.size = 2});
    assert_int_equal(findings(pool, "true"), 0);
    snprintf(script, sizeof script, "cd %s && mkdir -p new/objects new/refs && echo x > new/HEAD", workspace);
    assert_int_equal(findings(pool, script), 1);
    assert_int_equal(findings(pool, "true"), 0);
    assert_true(becomes(pool, MXC_POOL_READY, 1));
    snprintf(script, sizeof script, "! echo x > %s/new/hooks/post-commit", workspace); /* it is protected by now */
    says(pool, script, "");
    mxc_pool_free(pool);
}

static void deadlines_count_from_the_use(void **state) {
    (void)state;
    const char *const argv[] = {"sleep", "0.2", NULL}, *const longer[] = {"sleep", "60", NULL};
    mxc_command command = {.struct_size = sizeof command, .argv = argv, .timeout_ms = 1500};
    mxc_result *result = NULL;
    mxc_error *err = NULL;
    mxc_pool *pool = strict((mxc_pool_options){.size = 2});
    pause_ms(1600);
    check(mxc_pool_run(&result, pool, &command, &err), &err);
    assert_int_equal(mxc_result_timed_out(result), 0);
    assert_int_equal(mxc_result_exit_code(result), 0);
    assert_true(mxc_result_wall_time_ns(result) < 1500000000u);
    mxc_result_free(result);
    command.argv = longer;
    command.timeout_ms = 300;
    check(mxc_pool_run(&result, pool, &command, &err), &err);
    assert_int_equal(mxc_result_timed_out(result), 1);
    mxc_result_free(result);
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_TAKEN), 2);
    mxc_pool_free(pool);
}

static void idle_ones_are_not_used_and_end(void **state) {
    (void)state;
    mxc_pool *pool = strict((mxc_pool_options){.size = 2, .idle_ms = 200});
    pause_ms(300);
    says(pool, "echo fine", "fine\n");
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_DROPPED), 2);
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_COLD), 1);
    assert_true(becomes(pool, MXC_POOL_READY, 1));
    assert_true(keepers_become(0)); /* nobody asks the pool: they end by themselves, some seconds later */
    mxc_pool_free(pool);
}

static void commands_outlive_the_pool(void **state) {
    (void)state;
    mxc_pool *pool = strict((mxc_pool_options){.size = 2});
    mxc_process *running = spawn(pool, "sleep 0.3");
    mxc_pool_free(pool);
    assert_true(ends_well(running));
    assert_true(keepers_become(0));
}

static void a_process_that_is_freed_is_replaced(void **state) {
    (void)state;
    mxc_pool *pool = strict((mxc_pool_options){.size = 1});
    mxc_process_free(spawn(pool, "sleep 60"));
    assert_true(becomes(pool, MXC_POOL_READY, 1));
    mxc_pool_free(pool);
    assert_true(keepers_become(0));
}

static void a_forked_child_has_no_part_in_it(void **state) {
    (void)state;
    const char *const argv[] = {"sh", "-c", "exit 7", NULL};
    const mxc_command command = {.struct_size = sizeof command, .argv = argv};
    mxc_pool *pool = strict((mxc_pool_options){.size = 2});
    int status = -1;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        mxc_result *result = NULL;
        int ran = mxc_pool_run(&result, pool, &command, NULL) == MXC_OK && mxc_result_exit_code(result) == 7;
        uint64_t ready = mxc_pool_count(pool, MXC_POOL_READY);
        mxc_result_free(result);
        mxc_pool_free(pool);
        _exit(ran && ready == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_READY), 2);
    says(pool, "echo fine", "fine\n");
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_TAKEN), 1);
    mxc_pool_free(pool);
}

static void *ten_commands(void *pool) {
    for (int i = 0; i < 10; i++)
        mxc_result_free(run(pool, "true"));
    return NULL;
}

static void threads(void **state) {
    (void)state;
    pthread_t thread[6];
    mxc_pool *pool = strict((mxc_pool_options){.size = 2, .max = 6});
    for (int i = 0; i < 6; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, ten_commands, pool), 0);
    for (int i = 0; i < 6; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_TAKEN) + mxc_pool_count(pool, MXC_POOL_COLD), 60);
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_FAILED), 0);
    mxc_pool_free(pool);
    assert_true(keepers_become(0));
}

static void the_workload_has_ordinary_weight(void **state) {
    (void)state;
    mxc_pool *pool = strict((mxc_pool_options){.size = 1});
    /* proc_pid_stat(5): 41 is the policy; 0 is SCHED_OTHER, 3 SCHED_BATCH. Field 19 is the nice value. */
    says(pool, "set -- $(cat /proc/self/stat); shift 18; echo $1; shift 22; echo $1", "0\n0\n");
    assert_true(becomes(pool, MXC_POOL_READY, 1));
    mxc_pool_free(pool);
}

static void an_interpreter_waits_for_code(void **state) {
    (void)state;
    static const char *const modules[] = {"json", NULL};
    static const char text[] = "import sys; print('json' in sys.modules, sys.argv); sys.exit(3)";
    const mxc_command code = {.struct_size = sizeof code, .code = text, .code_length = sizeof text - 1};
    mxc_pool *pool = strict((mxc_pool_options){.size = 2, .language = "python", .preload = modules});
    for (int i = 0; i < 3; i++) {
        mxc_result *result = NULL;
        mxc_error *err = NULL;
        size_t length;
        assert_true(becomes(pool, MXC_POOL_READY, 1));
        check(mxc_pool_run(&result, pool, &code, &err), &err);
        assert_string_equal(mxc_result_output(result, MXC_STDOUT, &length), "True ['-c']\n");
        assert_int_equal(mxc_result_exit_code(result), 3);
        mxc_result_free(result);
    }
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_TAKEN), 3);
    says(pool, "echo cold", "cold\n"); /* no code: a cold sandbox */
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_COLD), 1);
    assert_true(becomes(pool, MXC_POOL_READY, 2));
    mxc_pool_free(pool);
    assert_true(keepers_become(0));
}

/* Code that says in the interpreter's name that it is done: with nothing writable that ends its run; else nobody listens,
 * because what it does then must be over before anybody reads its result. */
static void its_word_counts_where_nothing_is_reached(void **state) {
    (void)state;
    static const char text[] = "import os, time\n"
                               "try: os.write(3, b'MXCD' + (9).to_bytes(4, 'little'))\n"
                               "except OSError: pass\n"
                               "time.sleep(0.2)\n";
    const mxc_command code = {.struct_size = sizeof code, .code = text, .code_length = sizeof text - 1};
    char writable[64];
    snprintf(writable, sizeof writable, "%s/writable", ground);
    assert_int_equal(mkdir(writable, 0755), 0);
    for (int i = 0; i < 2; i++) {
        mxc_result *result = NULL;
        mxc_error *err = NULL;
        mxc_policy *policy = i ? preset("workspace", writable) : preset("strict", NULL);
        mxc_pool *pool = pool_of(policy, (mxc_pool_options){.size = 1, .language = "python"});
        check(mxc_pool_run(&result, pool, &code, &err), &err);
        assert_int_equal(mxc_pool_count(pool, MXC_POOL_TAKEN), 1);
        assert_int_equal(mxc_result_exit_code(result), i ? 0 : 9);
        assert_true((mxc_result_wall_time_ns(result) > 190000000u) == i);
        mxc_result_free(result);
        mxc_pool_free(pool);
    }
}

static void prints(mxc_pool *pool, const char *text, const char *expected) {
    const mxc_command code = {.struct_size = sizeof code, .code = text, .code_length = strlen(text)};
    mxc_result *result = NULL;
    mxc_error *err = NULL;
    size_t length;
    check(mxc_pool_run(&result, pool, &code, &err), &err);
    assert_string_equal(mxc_result_output(result, MXC_STDOUT, &length), expected);
    mxc_result_free(result);
}

/* What a cold run would be given now is what the code is given: another program by the same name is seen. */
static void another_interpreter_is_seen(void **state) {
    (void)state;
    char link[64];
    snprintf(link, sizeof link, "%s/python3", ground);
    assert_int_equal(symlink("/usr/bin/python3", link), 0);
    mxc_pool *pool = strict((mxc_pool_options){.size = 1, .max = 1, .language = "python", .interpreter = link});
    prints(pool, "print(6 * 7)", "42\n");
    assert_true(becomes(pool, MXC_POOL_READY, 1));
    assert_int_equal(unlink(link), 0);
    assert_int_equal(symlink("/bin/sh", link), 0);
    prints(pool, "echo sh", "sh\n");
    assert_int_equal(mxc_pool_count(pool, MXC_POOL_TAKEN), 1);
    mxc_pool_free(pool);
    assert_int_equal(unlink(link), 0);
}

static void idle_interpreters_end(void **state) {
    (void)state;
    mxc_pool *pool = strict((mxc_pool_options){.size = 1, .language = "python", .idle_ms = 100});
    assert_true(keepers_become(0)); /* by themselves */
    mxc_pool_free(pool);
}

static void an_interpreter_that_cannot_be(void **state) {
    (void)state;
    static const char *const missing[] = {"no_such_module", NULL};
    static const struct {
        mxc_pool_options sizes;
        mxc_status status;
    } wrong[] = {{{.language = "python", .preload = missing}, MXC_E_INTERPRETER},
                 {{.language = "ruby"}, MXC_E_INTERPRETER},
                 {{.language = "bash", .preload = missing}, MXC_E_INVALID_ARGUMENT},
                 {{.language = "python", .fresh = "fork"}, MXC_E_INVALID_ARGUMENT},
                 {{.fresh = "interpreter"}, MXC_E_INVALID_ARGUMENT},
                 {{.language = "python", .interpreter = "/no/such/python"}, MXC_E_INTERPRETER},
                 {{.preload = missing}, MXC_E_INVALID_ARGUMENT},
                 {{.language = "python", .env = missing}, MXC_E_INVALID_ARGUMENT}};
    mxc_policy *policy = preset("strict", NULL);
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        mxc_pool_options sizes = wrong[i].sizes;
        mxc_pool *pool = NULL;
        sizes.struct_size = sizeof sizes;
        assert_int_equal(mxc_pool_new(&pool, policy, NULL, &sizes, NULL), wrong[i].status);
        assert_null(pool);
    }
    mxc_policy_free(policy);
    assert_true(keepers_become(0));
}

static void wrong_sizes(void **state) {
    (void)state;
    static const mxc_pool_options wrong[] = {
        {.size = 1, .min = 2}, {.size = 9, .max = 8}, {.size = 1025}, {.max = 1025}, {.size = 2, .min = 3, .max = 8}};
    mxc_policy *policy = preset("strict", NULL);
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        mxc_pool_options sizes = wrong[i];
        mxc_pool *pool = NULL;
        sizes.struct_size = sizeof sizes;
        assert_int_equal(mxc_pool_new(&pool, policy, NULL, &sizes, NULL), MXC_E_INVALID_ARGUMENT);
        assert_null(pool);
    }
    assert_int_equal(mxc_pool_new(NULL, policy, NULL, NULL, NULL), MXC_E_INVALID_ARGUMENT);
    mxc_pool_free(NULL);
    mxc_policy_free(policy);
}

static void a_missing_command_is_an_error(void **state) {
    (void)state;
    const char *const argv[] = {"no-such-command", NULL};
    const mxc_command command = {.struct_size = sizeof command, .argv = argv};
    mxc_result *result = NULL;
    mxc_pool *pool = strict((mxc_pool_options){.size = 1});
    assert_int_equal(mxc_pool_run(&result, pool, &command, NULL), MXC_E_COMMAND_NOT_FOUND);
    assert_true(becomes(pool, MXC_POOL_READY, 1));
    says(pool, "echo fine", "fine\n");
    mxc_pool_free(pool);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(one_use_each),
        cmocka_unit_test(exhausted_is_cold_and_grows),
        cmocka_unit_test(shrinks_to_min),
        cmocka_unit_test(survives_the_death_of_members),
        cmocka_unit_test(a_replaced_folder_is_seen),
        cmocka_unit_test(a_new_repository_is_protected),
        cmocka_unit_test(findings_are_of_one_command),
        cmocka_unit_test(deadlines_count_from_the_use),
        cmocka_unit_test(idle_ones_are_not_used_and_end),
        cmocka_unit_test(commands_outlive_the_pool),
        cmocka_unit_test(a_process_that_is_freed_is_replaced),
        cmocka_unit_test(a_forked_child_has_no_part_in_it),
        cmocka_unit_test(threads),
        cmocka_unit_test(the_workload_has_ordinary_weight),
        cmocka_unit_test(an_interpreter_waits_for_code),
        cmocka_unit_test(its_word_counts_where_nothing_is_reached),
        cmocka_unit_test(another_interpreter_is_seen),
        cmocka_unit_test(idle_interpreters_end),
        cmocka_unit_test(an_interpreter_that_cannot_be),
        cmocka_unit_test(wrong_sizes),
        cmocka_unit_test(a_missing_command_is_an_error),
    };
    return cmocka_run_group_tests(cases, setup, teardown);
}
