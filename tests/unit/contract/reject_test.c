/* reject_test.c: texts that are not policies: each with its status, its pointer and something in the message.
 * Rows S1 to S4 of the attack matrix; a row that starts to be accepted is a hole or a change of the language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "contract/contract.h"
#include "policy/model.h"

struct row {
    const char *json;
    mxc_status status;
    const char *origin;
    const char *message; /* part of it; NULL: any */
};

#define SYNTAX MXC_E_POLICY_SYNTAX
#define INVALID MXC_E_POLICY_INVALID
#define CONFLICT MXC_E_POLICY_CONFLICT
#define VERSION MXC_E_POLICY_VERSION
#define PATH MXC_E_PATH
#define UNSUPPORTED MXC_E_UNSUPPORTED

static const struct row texts[] = {
    {"", SYNTAX, "", "line 1, column 1: the text is empty"},
    {" \n\t", SYNTAX, "", "empty"},
    {"\xef\xbb\xbf{}", SYNTAX, "", "byte order mark"},
    {"{", SYNTAX, "", "line 1, column 2: string or '}' expected"},
    {"{\"a\":\"\033[31m\"}", SYNTAX, "/a", "control character"},
    {"\033[31m", SYNTAX, "", "invalid token"},
    {"{}{}", SYNTAX, "", NULL},
    {"{} x", SYNTAX, "", NULL},
    {"{}\n,", SYNTAX, "", "line 2"},
    {"{,}", SYNTAX, "", NULL},
    {"{\"a\":1,}", SYNTAX, "", NULL},
    {"{'a':1}", SYNTAX, "", NULL},
    {"{a:1}", SYNTAX, "", NULL},
    {"// c\n{}", SYNTAX, "", NULL},
    {"{/* c */}", SYNTAX, "", NULL},
    {"# c\n{}", SYNTAX, "", NULL},
    {"{\"limits\":{\"processes\":1e999}}", SYNTAX, "/limits/processes", "real number overflow"},
    {"{\"limits\":{\"processes\":-1e999}}", SYNTAX, "/limits/processes", NULL},
    {"{\"limits\":{\"memoryBytes\":18446744073709551616}}", SYNTAX, "/limits/memoryBytes", "too big integer"},
    {"{\"limits\":{\"memoryBytes\":9223372036854775808}}", SYNTAX, "/limits/memoryBytes", "too big integer"},
    {"{\"limits\":{\"processes\":01}}", SYNTAX, "/limits/processes", NULL},
    {"{\"limits\":{\"processes\":+1}}", SYNTAX, "/limits/processes", NULL},
    {"{\"limits\":{\"processes\":.5}}", SYNTAX, "/limits/processes", NULL},
    {"{\"limits\":{\"processes\":1.}}", SYNTAX, "/limits/processes", NULL},
    {"{\"limits\":{\"processes\":0x10}}", SYNTAX, "/limits/processes", NULL},
    {"{\"limits\":{\"processes\":123bogus}}", SYNTAX, "/limits/processes", NULL},
    {"{\"limits\":{\"processes\":NaN}}", SYNTAX, "/limits/processes", NULL},
    {"{\"limits\":{\"processes\":Infinity}}", SYNTAX, "/limits/processes", NULL},
    {"{\"containment\":tru}", SYNTAX, "/containment", NULL},
    {"{\"containment\":\"pro\ncess\"}", SYNTAX, "/containment", NULL},
    {"{\"containment\":\"pro\\ud800cess\"}", SYNTAX, "/containment", NULL},
    {"{\"containment\":\"pro\\udc00cess\"}", SYNTAX, "/containment", NULL},
    {"{\"containment\":\"pro\\u0000cess\"}", SYNTAX, "/containment", NULL},
    {"{\"containment\":\"pro\\x00cess\"}", SYNTAX, "/containment", NULL},
    {"{\"containment\":\"\xff\"}", SYNTAX, "/containment", "column 17: the text is not valid UTF-8"},
    {"{\"containment\":\"\xc0\xaf\"}", SYNTAX, "/containment", "UTF-8"},
    {"{\"containment\":\"\xed\xa0\x80\"}", SYNTAX, "/containment", "UTF-8"},
    {"{\"containment\":\"\xf4\x90\x80\x80\"}", SYNTAX, "/containment", "UTF-8"},
    {"{\"containment\":\"\xe2\x82", SYNTAX, "/containment", "UTF-8"},
    {"{\"version\":\"1.0.0\",\n \"version\":\"1.0.0\"}", SYNTAX, "/version", "line 2, column 11"},
    {"{\"network\":{\"egress\":{\"default\":\"deny\",\"default\":\"allow\"}}}", SYNTAX, "/network/egress/default",
     "duplicate"},
    {"{\"network\":{\"egress\":{\"default\":\"deny\",\"\\u0064efault\":\"allow\"}}}", SYNTAX, "/network/egress/default",
     "duplicate"},
    {"{\"_comment\":[{},{\"a/b~\":1,\"a/b~\":2}]}", SYNTAX, "/_comment/1/a~1b~0", "duplicate"},
    {"{\"_comment\":{\"x\":{\"y\":1},\"z\":[1,2,{\"q\":1}],\"x\":2}}", SYNTAX, "/_comment/x", "duplicate"},
};

static const struct row types[] = {
    {"[]", INVALID, "", "this must be an object, not an array"},
    {"\"workspace\"", INVALID, "", "not a string"},
    {"null", INVALID, "", "not null"},
    {"1", INVALID, "", NULL},
    {"{\"$schema\":1}", INVALID, "/$schema", NULL},
    {"{\"process\":{\"$schema\":\"x\"}}", INVALID, "/process/$schema", "unknown field"},
    {"{\"process\":{\"_comment\":\"x\"}}", INVALID, "/process/_comment", "unknown field"},
    {"{\"version\":1}", INVALID, "/version", "must be a string"},
    {"{\"version\":null}", INVALID, "/version", "not null"},
    {"{\"version\":\"\"}", VERSION, "/version", NULL},
    {"{\"version\":\"0.8.0-alpha\"}", VERSION, "/version", NULL},
    {"{\"version\":\"1.1.0-alpha\",\"unknown\":1}", VERSION, "/version", NULL},
    {"{\"version\":\"1.0.1\"}", VERSION, "/version", NULL},
    {"{\"version\":\"1.0\"}", VERSION, "/version", NULL},
    {"{\"containmnt\":\"process\"}", INVALID, "/containmnt", "unknown field"},
    {"{\"Containment\":\"process\"}", INVALID, "/Containment", "unknown field"},
    {"{\"a/b~c\":1}", INVALID, "/a~1b~0c", "unknown field"},
    {"{\"\":1}", INVALID, "/", "unknown field"},
    {"{\"x\\u001b[31m\":1}", INVALID, "/x\\u001b[31m", "unknown field"},
    {"{\"containment\":null}", INVALID, "/containment", NULL},
    {"{\"containment\":\"Process\"}", INVALID, "/containment", "\"Process\" is not a value"},
    {"{\"containment\":\"\"}", INVALID, "/containment", NULL},
    {"{\"containment\":\"seatbelt\"}", UNSUPPORTED, "/containment", NULL},
    {"{\"containment\":\"processcontainer\"}", UNSUPPORTED, "/containment", NULL},
    {"{\"containment\":\"windows_sandbox\"}", UNSUPPORTED, "/containment", NULL},
    {"{\"containment\":\"wslc\"}", UNSUPPORTED, "/containment", NULL},
    {"{\"containment\":\"auto\",\"assurance\":\"vm\"}", INVALID, "/assurance", NULL},
    {"{\"assurance\":\"session\"}", CONFLICT, "/assurance", NULL},
    {"{\"containerId\":\"\"}", INVALID, "/containerId", NULL},
    {"{\"containerId\":\"a/../b\"}", INVALID, "/containerId", NULL},
    {"{\"containerId\":\"..\"}", INVALID, "/containerId", NULL},
    {"{\"containerId\":\"a b\"}", INVALID, "/containerId", NULL},
    {"{\"containerId\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", INVALID, "/containerId",
     NULL},
    {"{\"containerId\":1}", INVALID, "/containerId", NULL},
    {"{\"process\":[]}", INVALID, "/process", "must be an object"},
    {"{\"process\":{\"commandLine\":\"\"}}", INVALID, "/process/commandLine", NULL},
    {"{\"process\":{\"commandLine\":\" \"}}", INVALID, "/process/commandLine", NULL},
    {"{\"process\":{\"commandLine\":[\"ls\"]}}", INVALID, "/process/commandLine", "must be a string, not an array"},
    {"{\"process\":{\"argv\":[]}}", INVALID, "/process/argv", "argv is empty"},
    {"{\"process\":{\"argv\":[\"\"]}}", INVALID, "/process/argv/0", NULL},
    {"{\"process\":{\"argv\":[\"a\",1]}}", INVALID, "/process/argv/1", NULL},
    {"{\"process\":{\"argv\":\"ls -l\"}}", INVALID, "/process/argv", "must be an array"},
    {"{\"process\":{\"argv\":[\"a\"],\"commandLine\":\"a\"}}", CONFLICT, "/process/argv", NULL},
    {"{\"process\":{\"env\":{\"A\":\"b\"}}}", INVALID, "/process/env", "must be an array"},
    {"{\"process\":{\"env\":[\"A\"]}}", INVALID, "/process/env/0", "no \"=\""},
    {"{\"process\":{\"env\":[\"A=1\",\"=b\"]}}", INVALID, "/process/env/1", "name of the variable is empty"},
    {"{\"process\":{\"env\":[\"\"]}}", INVALID, "/process/env/0", NULL},
    {"{\"process\":{\"env\":[null]}}", INVALID, "/process/env/0", NULL},
    {"{\"process\":{\"inheritDefaultEnv\":1}}", INVALID, "/process/inheritDefaultEnv", "must be true or false"},
    {"{\"process\":{\"inheritDefaultEnv\":\"true\"}}", INVALID, "/process/inheritDefaultEnv", NULL},
    {"{\"process\":{\"timeout\":-1}}", INVALID, "/process/timeout", "between 0 and 4294967295"},
    {"{\"process\":{\"timeout\":4294967296}}", INVALID, "/process/timeout", NULL},
    {"{\"process\":{\"timeout\":1.5}}", INVALID, "/process/timeout", "must be an integer, not a number"},
    {"{\"process\":{\"timeout\":1.0}}", INVALID, "/process/timeout", NULL},
    {"{\"process\":{\"timeout\":1e3}}", INVALID, "/process/timeout", NULL},
    {"{\"process\":{\"timeout\":\"30s\"}}", INVALID, "/process/timeout", "must be an integer, not a string"},
    {"{\"process\":{\"user\":\"root\"}}", UNSUPPORTED, "/process/user", NULL},
    {"{\"process\":{\"uid\":0}}", INVALID, "/process/uid", NULL},
    {"{\"processContainer\":{}}", UNSUPPORTED, "/processContainer", NULL},
    {"{\"seatbelt\":{}}", UNSUPPORTED, "/seatbelt", NULL},
    {"{\"wslc\":{}}", UNSUPPORTED, "/wslc", NULL},
    {"{\"phase\":\"exec\"}", UNSUPPORTED, "/phase", NULL},
    {"{\"sandboxId\":\"x:y\"}", UNSUPPORTED, "/sandboxId", NULL},
    {"{\"experimental\":{}}", INVALID, "/experimental", NULL},
    {"{\"lifecycle\":{\"destroyOnExit\":0}}", INVALID, "/lifecycle/destroyOnExit", NULL},
    {"{\"ui\":{\"clipboard\":\"both\"}}", INVALID, "/ui/clipboard", NULL},
    {"{\"lxc\":{\"distribution\":\"../alpine\"}}", INVALID, "/lxc/distribution", NULL},
    {"{\"telemetry\":true}", INVALID, "/telemetry", NULL},
    {"{\"fallback\":{\"allowDaclMutation\":\"no\"}}", INVALID, "/fallback/allowDaclMutation", NULL},
    {"{\"syscalls\":{\"profile\":\"none\"}}", INVALID, "/syscalls/profile", NULL},
    {"{\"syscalls\":{\"allow\":[\"Ptrace\"]}}", INVALID, "/syscalls/allow/0", NULL},
    {"{\"syscalls\":{\"deny\":[\"\"]}}", INVALID, "/syscalls/deny/0", NULL},
    {"{\"syscalls\":{\"deny\":[101]}}", INVALID, "/syscalls/deny/0", NULL},
    {"{\"syscalls\":{\"allow\":[\"ptrace\"],\"deny\":[\"ptrace\"]}}", CONFLICT, "/syscalls/deny", NULL},
    {"{\"onUnsupported\":\"ignore\"}", INVALID, "/onUnsupported", NULL},
};

static const struct row limits[] = {
    {"{\"limits\":{\"memoryBytes\":0}}", INVALID, "/limits/memoryBytes", "between 4194304 and"},
    {"{\"limits\":{\"memoryBytes\":-1}}", INVALID, "/limits/memoryBytes", NULL},
    {"{\"limits\":{\"memoryBytes\":4194303}}", INVALID, "/limits/memoryBytes", NULL},
    {"{\"limits\":{\"memoryBytes\":9223372036854775807}}", INVALID, "/limits/memoryBytes", NULL},
    {"{\"limits\":{\"memoryBytes\":\"\"}}", INVALID, "/limits/memoryBytes", "must be an integer"},
    {"{\"limits\":{\"memoryBytes\":\" -1\"}}", INVALID, "/limits/memoryBytes", NULL},
    {"{\"limits\":{\"memoryBytes\":\"512M\"}}", INVALID, "/limits/memoryBytes", NULL},
    {"{\"limits\":{\"memoryBytes\":1e9}}", INVALID, "/limits/memoryBytes", NULL},
    {"{\"limits\":{\"swapBytes\":-1}}", INVALID, "/limits/swapBytes", NULL},
    {"{\"limits\":{\"processes\":0}}", INVALID, "/limits/processes", NULL},
    {"{\"limits\":{\"processes\":1000001}}", INVALID, "/limits/processes", NULL},
    {"{\"limits\":{\"processes\":1.5}}", INVALID, "/limits/processes", NULL},
    {"{\"limits\":{\"processes\":true}}", INVALID, "/limits/processes", NULL},
    {"{\"limits\":{\"cpus\":0}}", INVALID, "/limits/cpus", "between 0.01 and 10000"},
    {"{\"limits\":{\"cpus\":-1}}", INVALID, "/limits/cpus", NULL},
    {"{\"limits\":{\"cpus\":1e300}}", INVALID, "/limits/cpus", NULL},
    {"{\"limits\":{\"cpus\":1.0005}}", INVALID, "/limits/cpus", "three decimals"},
    {"{\"limits\":{\"cpus\":\"1\"}}", INVALID, "/limits/cpus", "must be a number"},
    {"{\"limits\":{\"cpuTimeMs\":4294967296}}", INVALID, "/limits/cpuTimeMs", NULL},
    {"{\"limits\":{\"wallTimeMs\":-5}}", INVALID, "/limits/wallTimeMs", NULL},
    {"{\"limits\":{\"outputBytes\":1073741825}}", INVALID, "/limits/outputBytes", NULL},
    {"{\"limits\":{\"fileBytes\":-1}}", INVALID, "/limits/fileBytes", NULL},
    {"{\"limits\":{\"openFiles\":3}}", INVALID, "/limits/openFiles", NULL},
    {"{\"limits\":{\"diskBytes\":2000000000000000}}", INVALID, "/limits/diskBytes", NULL},
    {"{\"limits\":{\"memory\":1}}", INVALID, "/limits/memory", "unknown field"},
    {"{\"filesystem\":{\"tmpBytes\":0}}", INVALID, "/filesystem/tmpBytes", NULL},
};

static const struct row paths[] = {
    {"{\"filesystem\":{\"readwritePaths\":[\"/\"]}}", PATH, "/filesystem/readwritePaths/0", "whole file system"},
    {"{\"filesystem\":{\"readwritePaths\":[\"//\"]}}", PATH, "/filesystem/readwritePaths/0", "whole file system"},
    {"{\"filesystem\":{\"readwritePaths\":[\"/./\"]}}", PATH, "/filesystem/readwritePaths/0", NULL},
    {"{\"filesystem\":{\"readwritePaths\":[\"/a\",\"/proc\"]}}", PATH, "/filesystem/readwritePaths/1", NULL},
    {"{\"filesystem\":{\"readwritePaths\":[\"/proc/sys\"]}}", PATH, "/filesystem/readwritePaths/0", NULL},
    {"{\"filesystem\":{\"readwritePaths\":[\"/proc/\"]}}", PATH, "/filesystem/readwritePaths/0", NULL},
    {"{\"filesystem\":{\"readwritePaths\":[\"//proc\"]}}", PATH, "/filesystem/readwritePaths/0", NULL},
    {"{\"filesystem\":{\"readwritePaths\":[\"/sys/fs/cgroup\"]}}", PATH, "/filesystem/readwritePaths/0", NULL},
    {"{\"filesystem\":{\"readwritePaths\":[\"/dev/shm\"]}}", PATH, "/filesystem/readwritePaths/0", NULL},
    {"{\"filesystem\":{\"readonlyPaths\":[\"/proc/1\"]}}", PATH, "/filesystem/readonlyPaths/0", NULL},
    {"{\"filesystem\":{\"readonlyPaths\":[\"/dev/kvm\"]}}", PATH, "/filesystem/readonlyPaths/0", NULL},
    {"{\"filesystem\":{\"readonlyPaths\":[\"\"]}}", PATH, "/filesystem/readonlyPaths/0", "empty"},
    {"{\"filesystem\":{\"readonlyPaths\":[\"  \"]}}", PATH, "/filesystem/readonlyPaths/0", "empty"},
    {"{\"filesystem\":{\"readonlyPaths\":[\"/a/../b\"]}}", PATH, "/filesystem/readonlyPaths/0", "\"..\""},
    {"{\"filesystem\":{\"readonlyPaths\":[\"..\"]}}", PATH, "/filesystem/readonlyPaths/0", NULL},
    {"{\"filesystem\":{\"readonlyPaths\":[\"/a/..\"]}}", PATH, "/filesystem/readonlyPaths/0", NULL},
    {"{\"filesystem\":{\"deniedPaths\":[\"../secret\"]}}", PATH, "/filesystem/deniedPaths/0", NULL},
    {"{\"filesystem\":{\"deniedPaths\":[\"~/.ssh\"]}}", PATH, "/filesystem/deniedPaths/0", "not expanded"},
    {"{\"filesystem\":{\"deniedPaths\":[\"$HOME/.ssh\"]}}", PATH, "/filesystem/deniedPaths/0", "not expanded"},
    {"{\"filesystem\":{\"deniedPaths\":[\"/home/*/.ssh\"]}}", PATH, "/filesystem/deniedPaths/0", "patterns"},
    {"{\"filesystem\":{\"deniedPaths\":[\"/**/**/**\"]}}", PATH, "/filesystem/deniedPaths/0", "patterns"},
    {"{\"filesystem\":{\"readonlyPaths\":[\"C:\\\\data\"]}}", PATH, "/filesystem/readonlyPaths/0", "another system"},
    {"{\"filesystem\":{\"readonlyPaths\":[\"\\\\\\\\host\\\\share\"]}}", PATH, "/filesystem/readonlyPaths/0", NULL},
    {"{\"filesystem\":{\"readonlyPaths\":[1]}}", INVALID, "/filesystem/readonlyPaths/0", NULL},
    {"{\"filesystem\":{\"readonlyPaths\":\"/a\"}}", INVALID, "/filesystem/readonlyPaths", NULL},
    {"{\"filesystem\":{\"readonlyPaths\":null}}", INVALID, "/filesystem/readonlyPaths", NULL},
    {"{\"filesystem\":{\"readOnlyPaths\":[]}}", INVALID, "/filesystem/readOnlyPaths", "unknown field"},
    {"{\"filesystem\":{\"baseline\":\"all\"}}", INVALID, "/filesystem/baseline", NULL},
    {"{\"filesystem\":{\"protectedNames\":[\"/etc\"]}}", INVALID, "/filesystem/protectedNames/0", NULL},
    {"{\"filesystem\":{\"protectedNames\":[\"a/../b\"]}}", INVALID, "/filesystem/protectedNames/0", NULL},
    {"{\"filesystem\":{\"protectedNames\":[\"*.py\"]}}", INVALID, "/filesystem/protectedNames/0", NULL},
    {"{\"filesystem\":{\"protectedNames\":[\"\"]}}", INVALID, "/filesystem/protectedNames/0", NULL},
    {"{\"filesystem\":{\"protectedNames\":[\"a//b\"]}}", INVALID, "/filesystem/protectedNames/0", NULL},
    {"{\"process\":{\"cwd\":\"a/../..\"}}", PATH, "/process/cwd", NULL},
    {"{\"process\":{\"cwd\":\"\"}}", PATH, "/process/cwd", NULL},
};

#define ALLOW(rule) "{\"network\":{\"egress\":{\"allow\":[" rule "]}}}"
#define TO(peer) ALLOW("{\"to\":[{" peer "}]}")
#define PORT(port) ALLOW("{\"ports\":[{" port "}]}")
#define R0 "/network/egress/allow/0"

static const struct row network[] = {
    {ALLOW("{\"to\":[]}"), INVALID, R0 "/to", "the array is empty"},
    {ALLOW("{\"ports\":[]}"), INVALID, R0 "/ports", "the array is empty"},
    {ALLOW("{\"host\":\"a\"}"), INVALID, R0 "/host", "unknown field"},
    {ALLOW("[]"), INVALID, R0, "must be an object"},
    {ALLOW("\"example.org\""), INVALID, R0, NULL},
    {TO(""), INVALID, R0 "/to/0", "exactly one"},
    {TO("\"host\":\"a.b\",\"cidr\":\"10.0.0.0/8\""), INVALID, R0 "/to/0", "exactly one"},
    {TO("\"host\":\"a.b\",\"except\":[]"), INVALID, R0 "/to/0/except", NULL},
    {TO("\"host\":\"\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"*\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"a..b\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"a.b..\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"-a.b\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"a.*.b\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"*.\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"*.*.b\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"b\xc3\xbc.de\""), INVALID, R0 "/to/0/host", "ASCII"},
    {TO("\"host\":\"a\xe3\x80\x82w\""), INVALID, R0 "/to/0/host", "ASCII"},
    {TO("\"host\":\"https://a.b\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"a.b:443\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"user@a.b\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"a b\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"a.b\\t\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"host\":\"127.0.0.1\""), INVALID, R0 "/to/0/host", "address"},
    {TO("\"host\":\"127.1\""), INVALID, R0 "/to/0/host", "address"},
    {TO("\"host\":\"0x7f.1\""), INVALID, R0 "/to/0/host", "address"},
    {TO("\"host\":\"0x7f000001\""), INVALID, R0 "/to/0/host", "address"},
    {TO("\"host\":\"2130706433\""), INVALID, R0 "/to/0/host", "address"},
    {TO("\"host\":\"*.0.0.1\""), INVALID, R0 "/to/0/host", "address"},
    {TO("\"host\":\"::1\""), INVALID, R0 "/to/0/host", NULL},
    {TO("\"cidr\":\"127.1\""), INVALID, R0 "/to/0/cidr", "usual spelling"},
    {TO("\"cidr\":\"0x7f.1\""), INVALID, R0 "/to/0/cidr", NULL},
    {TO("\"cidr\":\"0177.0.0.1\""), INVALID, R0 "/to/0/cidr", NULL},
    {TO("\"cidr\":\"127.0.0.1.\""), INVALID, R0 "/to/0/cidr", NULL},
    {TO("\"cidr\":\"256.0.0.1\""), INVALID, R0 "/to/0/cidr", NULL},
    {TO("\"cidr\":\"10.0.0.0/33\""), INVALID, R0 "/to/0/cidr", NULL},
    {TO("\"cidr\":\"10.0.0.0/08\""), INVALID, R0 "/to/0/cidr", NULL},
    {TO("\"cidr\":\"10.0.0.0/\""), INVALID, R0 "/to/0/cidr", NULL},
    {TO("\"cidr\":\"10.0.0.0/+8\""), INVALID, R0 "/to/0/cidr", NULL},
    {TO("\"cidr\":\"10.0.0.1/8\""), INVALID, R0 "/to/0/cidr", "not zero"},
    {TO("\"cidr\":\"2001:db8::1/32\""), INVALID, R0 "/to/0/cidr", "not zero"},
    {TO("\"cidr\":\"::ffff:10.0.0.0/104\""), INVALID, R0 "/to/0/cidr", "IPv4"},
    {TO("\"cidr\":\"::ffff:7f00:1\""), INVALID, R0 "/to/0/cidr", "IPv4"},
    {TO("\"cidr\":\"fe80::1%eth0\""), INVALID, R0 "/to/0/cidr", NULL},
    {TO("\"cidr\":\"example.org\""), INVALID, R0 "/to/0/cidr", NULL},
    {TO("\"cidr\":\"10.0.0.0/8\",\"except\":[\"11.0.0.0/16\"]"), INVALID, R0 "/to/0/except/0", "not inside"},
    {TO("\"cidr\":\"10.0.0.0/8\",\"except\":[\"::/0\"]"), INVALID, R0 "/to/0/except/0", "not inside"},
    {TO("\"cidr\":\"10.0.0.0/8\",\"except\":[\"0.0.0.0/0\"]"), INVALID, R0 "/to/0/except/0", "not inside"},
    {PORT("\"port\":0"), INVALID, R0 "/ports/0/port", NULL},
    {PORT("\"port\":65536"), INVALID, R0 "/ports/0/port", NULL},
    {PORT("\"port\":\"443\""), INVALID, R0 "/ports/0/port", NULL},
    {PORT("\"port\":443.0"), INVALID, R0 "/ports/0/port", NULL},
    {PORT("\"endPort\":443"), INVALID, R0 "/ports/0/endPort", NULL},
    {PORT("\"port\":443,\"endPort\":80"), INVALID, R0 "/ports/0/endPort", NULL},
    {PORT("\"protocol\":\"icmp\",\"port\":1"), INVALID, R0 "/ports/0/port", NULL},
    {PORT("\"protocol\":\"TCP\""), INVALID, R0 "/ports/0/protocol", NULL},
    {PORT("\"protocol\":\"sctp\""), INVALID, R0 "/ports/0/protocol", NULL},
    {"{\"network\":{\"egress\":{\"deny\":[{\"to\":[{\"host\":\"127.1\"}]}]}}}", INVALID,
     "/network/egress/deny/0/to/0/host", NULL},
    {"{\"network\":{\"egress\":{\"default\":\"block\"}}}", INVALID, "/network/egress/default", NULL},
    {"{\"network\":{\"defaultPolicy\":\"allow\"}}", INVALID, "/network/defaultPolicy", "before 0.9"},
    {"{\"network\":{\"allowedHosts\":[]}}", INVALID, "/network/allowedHosts", NULL},
    {"{\"network\":{\"ingress\":{\"hostLoopback\":true}}}", INVALID, "/network/ingress/hostLoopback", NULL},
    {"{\"network\":{\"publish\":[{}]}}", INVALID, "/network/publish/0", NULL},
    {"{\"network\":{\"publish\":[{\"port\":80,\"hostPort\":0}]}}", INVALID, "/network/publish/0/hostPort", NULL},
    {"{\"network\":{\"publish\":[{\"port\":80,\"hostPort\":1},{\"port\":81,\"hostPort\":1}]}}", CONFLICT,
     "/network/publish", NULL},
    {"{\"runtimeConfig\":{\"networkProxy\":\"http://10.0.0.1:80\"}}", INVALID, "/runtimeConfig/networkProxy", NULL},
    {"{\"runtimeConfig\":{\"networkProxy\":\"http://127.0.0.1\"}}", INVALID, "/runtimeConfig/networkProxy", NULL},
    {"{\"runtimeConfig\":{\"networkProxy\":\"http://u:p@127.0.0.1:80\"}}", INVALID, "/runtimeConfig/networkProxy",
     NULL},
    {"{\"runtimeConfig\":{\"networkProxy\":\"socks5://127.0.0.1:80\"}}", INVALID, "/runtimeConfig/networkProxy", NULL},
    {"{\"runtimeConfig\":{\"networkProxy\":\"http://127.0.0.1:080\"}}", INVALID, "/runtimeConfig/networkProxy", NULL},
    {"{\"runtimeConfig\":{\"networkProxy\":\"http://127.0.0.1:80\"},\"network\":{\"egress\":{\"default\":\"allow\"}}}",
     CONFLICT, "/runtimeConfig/networkProxy", NULL},
    {"{\"runtimeConfig\":{\"networkProxy\":\"http://127.0.0.1:80\"},\"network\":{\"egress\":{\"allow\":[{}]}}}",
     CONFLICT, "/runtimeConfig/networkProxy", NULL},
};

static void check_row(const struct row *row) {
    mxc_policy *policy = NULL;
    mxc_error *error = NULL;
    mxc_status status = mxc_contract_parse(&policy, row->json, strlen(row->json), "/base", &error);
    if (status == MXC_OK)
        fail_msg("accepted: %s", row->json);
    assert_null(policy);
    if (status != row->status || strcmp(mxc_error_origin(error), row->origin) != 0 ||
        (row->message && !strstr(mxc_error_message(error), row->message)))
        fail_msg("%s\n  gave %s %s: %s", row->json, mxc_status_name(status), mxc_error_origin(error),
                 mxc_error_message(error));
    if (!*mxc_error_message(error) || strpbrk(mxc_error_message(error), "\n\033"))
        fail_msg("message is not one clean line: %s", row->json);
    mxc_error_free(error);
    assert_int_equal(mxc_contract_parse(&policy, row->json, strlen(row->json), "/base", NULL), row->status);
}

#define TABLE_TEST(table) \
    static void refuses_##table(void **state) { \
        (void)state; \
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) \
            check_row(&table[i]); \
    }
TABLE_TEST(texts)
TABLE_TEST(types)
TABLE_TEST(limits)
TABLE_TEST(paths)
TABLE_TEST(network)

static void check_text(const char *json, size_t length, mxc_status status, const char *message) {
    mxc_policy *policy = NULL;
    mxc_error *error = NULL;
    assert_int_equal(mxc_contract_parse(&policy, json, length, "/base", &error), status);
    assert_non_null(strstr(mxc_error_message(error), message));
    mxc_error_free(error);
}

static void refuses_nul_in_text(void **state) {
    (void)state;
    check_text("{}\0", 3, SYNTAX, "column 3: there is a NUL byte");
    check_text("{\"containment\":\"a\0b\"}", 20, SYNTAX, "NUL");
}

static void refuses_depth_and_size(void **state) {
    (void)state;
    size_t size = (size_t)1 << 20;
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, '[', size + 1);
    check_text(text, 100000, SYNTAX, "column 33: more than 32 levels");
    memset(text, ' ', size + 1);
    text[0] = '{';
    text[size] = '}';
    check_text(text, size + 1, SYNTAX, "longer than 1 MiB");
    free(text);
}

static void depth_is_exact(void **state) {
    (void)state;
    char text[128] = "{\"_comment\":";
    mxc_policy *policy = NULL;
    for (int i = 0; i < 31; i++)
        strcat(text, "[");
    for (int i = 0; i < 31; i++)
        strcat(text, "]");
    strcat(text, "}");
    assert_int_equal(mxc_contract_parse(&policy, text, strlen(text), "/base", NULL), MXC_OK);
    mxc_policy_unref(policy);
    check_text("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 33, SYNTAX, "32 levels");
    strcpy(text, "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}");
    check_text(text, strlen(text), INVALID, "unknown field");
}

static void refuses_long_paths(void **state) {
    (void)state;
    char text[8192] = "{\"filesystem\":{\"readonlyPaths\":[\"";
    memset(text + strlen(text), 'a', 300);
    strcat(text, "\"]}}");
    check_text(text, strlen(text), PATH, "longer than 255 bytes");
    strcpy(text, "{\"filesystem\":{\"readonlyPaths\":[\"");
    for (int i = 0; i < 1024; i++)
        strcat(text, "/abc");
    strcat(text, "\"]}}");
    check_text(text, strlen(text), PATH, "too long");
}

static void never_shows_environment_values(void **state) {
    static const char json[] = "{\"process\":{\"env\":[\"=hunter2\"]}}";
    mxc_policy *policy = NULL;
    mxc_error *error = NULL;
    (void)state;
    assert_int_equal(mxc_contract_parse(&policy, json, strlen(json), "/base", &error), INVALID);
    assert_null(strstr(mxc_error_message(error), "hunter2"));
    mxc_error_free(error);
}

static void proposes_the_nearest_name(void **state) {
    static const struct {
        const char *json, *hint;
    } rows[] = {
        {"{\"containmnt\":1}", "did you mean \"containment\"?"},
        {"{\"filesystem\":{\"readWritePath\":[]}}", "did you mean \"readwritePaths\"?"},
        {"{\"limits\":{\"memorybytes\":1}}", "did you mean \"memoryBytes\"?"},
        {"{\"network\":{\"egress\":{\"alow\":[]}}}", "did you mean \"allow\"?"},
        {"{\"network\":{\"proxy\":{}}}", "use runtimeConfig.networkProxy"},
        {"{\"lifecycle\":{\"qqqqqqqqqqqq\":1}}", "known here: destroyOnExit preservePolicy"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mxc_policy *policy = NULL;
        mxc_error *error = NULL;
        assert_int_equal(mxc_contract_parse(&policy, rows[i].json, strlen(rows[i].json), "/base", &error), INVALID);
        assert_string_equal(mxc_error_hint(error), rows[i].hint);
        mxc_error_free(error);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_texts),
        cmocka_unit_test(refuses_types),
        cmocka_unit_test(refuses_limits),
        cmocka_unit_test(refuses_paths),
        cmocka_unit_test(refuses_network),
        cmocka_unit_test(refuses_nul_in_text),
        cmocka_unit_test(refuses_depth_and_size),
        cmocka_unit_test(depth_is_exact),
        cmocka_unit_test(refuses_long_paths),
        cmocka_unit_test(never_shows_environment_values),
        cmocka_unit_test(proposes_the_nearest_name),
    };
    return cmocka_run_group_tests_name("contract_reject", tests, NULL, NULL);
}
