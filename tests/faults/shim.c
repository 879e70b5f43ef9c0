/* Records the file operations of a process below one folder, and fails or kills at one of them.
 *
 * A seccomp filter hands every file system call of the process to a signal handler, whoever makes
 * it: Python, C's stdio (FAISS, numpy), SQLite, and Rust, which calls the kernel past libc
 * (tantivy). The handler makes the call itself, or answers with an error in its place. Interposed
 * functions (LD_PRELOAD) would see neither the calls inside stdio nor those of Rust.
 *
 * Linux on x86-64. The filter holds for the process and its threads until it ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

/* the only place of the process whose system calls the filter lets pass */
__asm__(".text\n"
        ".globl make_call\n.hidden make_call\n"
        "make_call:\n"
        "mov %rdi, %rax\n mov %rsi, %rdi\n mov %rdx, %rsi\n mov %rcx, %rdx\n"
        "mov %r8, %r10\n mov %r9, %r8\n mov 8(%rsp), %r9\n"
        "syscall\n"
        ".globl made_call\n.hidden made_call\n"
        "made_call: ret\n");
extern long make_call(long number, long a, long b, long c, long d, long e, long f);
extern const char made_call[] __attribute__((visibility("hidden")));
#define CALL(number, a, b, c, d) \
    make_call((number), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

enum kind { /* as in shim.py */
    READ = 1, OPEN = 2, CREATE = 4, WRITE = 8, TRUNCATE = 16, SYNC = 32, RENAME = 64,
    REMOVE = 128, MKDIR = 256, LINK = 512, MODE = 1024, LOCK = 2048
};
enum action { RECORD, FAIL, SHORT, FULL, KILL }; /* as in shim.py */
#define TAKES_ROOM (CREATE | WRITE | MKDIR | LINK)

struct operation {
    enum kind kind;
    const char *name;
    int fd;        /* -1: it names a path */
    long dirfd, path, other_dirfd, other; /* `other`: of a rename or a link, where to */
    int length;    /* which argument holds how many bytes to write; -1: none */
};

static struct {
    char root[4096];
    size_t root_length;
    int journal, has_data, kinds, action, error;
    long nth;
} plan;
static long n_operations;
static char fired[8600];
static int is_locked;

static size_t path_of(int fd, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long n = CALL(SYS_readlink, link, path, size - 1, 0);
    path[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

static void resolve(long dirfd, const char *name, char *path, size_t size) {
    size_t n = 0;
    if (name[0] != '/') {
        if ((int)dirfd == AT_FDCWD) {
            n = CALL(SYS_getcwd, path, size, 0, 0) > 0 ? strlen(path) : 0;
        } else {
            n = path_of((int)dirfd, path, size);
        }
        path[n++] = '/';
    }
    snprintf(path + n, size - n, "%s", name);
}

static int is_below(const char *path) {
    char next = path[plan.root_length];
    return !strncmp(path, plan.root, plan.root_length) && (!next || next == '/');
}

/* Tells what a system call does; 0: nothing that counts. */
static int describe(long number, const long *a, struct operation *o) {
    *o = (struct operation){.fd = -1, .dirfd = AT_FDCWD, .other_dirfd = AT_FDCWD, .length = -1};
#define ON_FILE(k, text) return o->kind = k, o->name = text, o->fd = (int)a[0], 1
#define WRITING(file, n) return o->kind = WRITE, o->name = "write", o->fd = (int)(file), \
    o->length = n, 1
#define AT_PATH(k, text, where, which) \
    return o->kind = k, o->name = text, o->dirfd = where, o->path = which, 1
#define TO_PATH(k, text, d, p, e, q) return o->kind = k, o->name = text, o->dirfd = d, \
    o->path = p, o->other_dirfd = e, o->other = q, 1
    long flags;
    switch (number) {
    case SYS_read: case SYS_pread64: case SYS_preadv: case SYS_getdents64: ON_FILE(READ, "read");
    case SYS_write: case SYS_pwrite64: case SYS_writev: case SYS_pwritev: WRITING(a[0], 2);
    case SYS_sendfile: WRITING(a[0], 3);
    case SYS_copy_file_range: WRITING(a[2], 4);
    case SYS_ftruncate: case SYS_fallocate: ON_FILE(TRUNCATE, "truncate");
    case SYS_truncate: AT_PATH(TRUNCATE, "truncate", AT_FDCWD, a[0]);
    case SYS_fsync: case SYS_fdatasync: ON_FILE(SYNC, "sync");
    case SYS_flock: ON_FILE(LOCK, "lock");
    case SYS_fchmod: ON_FILE(MODE, "mode");
    case SYS_chmod: AT_PATH(MODE, "mode", AT_FDCWD, a[0]);
    case SYS_fchmodat: AT_PATH(MODE, "mode", a[0], a[1]);
    case SYS_creat: AT_PATH(CREATE, "create", AT_FDCWD, a[0]);
    case SYS_open: case SYS_openat:
        o->dirfd = number == SYS_open ? AT_FDCWD : a[0];
        o->path = number == SYS_open ? a[0] : a[1];
        flags = number == SYS_open ? a[1] : a[2];
        o->kind = flags & O_CREAT ? CREATE : OPEN;
        o->name = !(flags & O_CREAT) ? "open" : flags & O_TRUNC ? "create" : "extend";
        return 1;
    case SYS_rename: TO_PATH(RENAME, "rename", AT_FDCWD, a[0], AT_FDCWD, a[1]);
    case SYS_renameat: case SYS_renameat2: TO_PATH(RENAME, "rename", a[0], a[1], a[2], a[3]);
    case SYS_link: TO_PATH(LINK, "link", AT_FDCWD, a[0], AT_FDCWD, a[1]);
    case SYS_linkat: TO_PATH(LINK, "link", a[0], a[1], a[2], a[3]);
    case SYS_unlink: AT_PATH(REMOVE, "remove", AT_FDCWD, a[0]);
    case SYS_rmdir: AT_PATH(REMOVE, "remove", AT_FDCWD, a[0]);
    case SYS_unlinkat: AT_PATH(REMOVE, "remove", a[0], a[1]);
    case SYS_mkdir: AT_PATH(MKDIR, "mkdir", AT_FDCWD, a[0]);
    case SYS_mkdirat: AT_PATH(MKDIR, "mkdir", a[0], a[1]);
    }
    return 0;
}

/* Makes the call with half of the bytes; of several buffers with the first alone. */
static long make_short(long number, long *a, int length) {
    if (number == SYS_writev || number == SYS_pwritev) a[length] = 1;
    else a[length] = a[length] > 1 ? a[length] / 2 : a[length];
    return make_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void put(const void *bytes, size_t n) {
    while (n) {
        long done = CALL(SYS_write, plan.journal, bytes, n, 0);
        if (done <= 0) _exit(99);
        bytes = (const char *)bytes + done, n -= (size_t)done;
    }
}

/* Writes the operation down: one line, then the bytes that the file has now where it was written. */
static void record(long number, const long *a, const struct operation *o, long result,
                   const char *path, const char *other) {
    static char line[8600], block[65536];
    long offset = 0, length = 0, file = -1;
    if (o->kind == WRITE && result > 0 && plan.has_data) {
        length = result;
        if (number == SYS_pwrite64 || number == SYS_pwritev) offset = a[3];
        else offset = CALL(SYS_lseek, o->fd, 0, SEEK_CUR, 0) - result;
        snprintf(line, sizeof line, "/proc/self/fd/%d", o->fd);
        file = CALL(SYS_open, line, O_RDONLY | O_CLOEXEC, 0, 0);
    } else if (o->kind == TRUNCATE) {
        offset = number == SYS_fallocate ? -1 : a[1];
    }
    int n = snprintf(line, sizeof line, "%s\t%ld\t%s\t%s\t%ld\t%ld\n", o->name, result, path, other,
                     offset, length);
    put(line, (size_t)n);
    while (length > 0) {
        size_t wanted = length < (long)sizeof block ? (size_t)length : sizeof block;
        long got = CALL(SYS_pread64, file, block, wanted, offset);
        if (got <= 0) _exit(98);
        put(block, (size_t)got);
        offset += got, length -= got;
    }
    if (file >= 0) CALL(SYS_close, file, 0, 0, 0);
}

static long operate(long number, long *a, const struct operation *o, const char *path,
                    const char *other) {
    long result;
    int is_counted = !!(plan.kinds & o->kind);
    long place = is_counted ? ++n_operations : 0;
    int is_it = is_counted && place == plan.nth;
    int is_after = plan.action == FULL && plan.nth && n_operations >= plan.nth;
    if (is_it) snprintf(fired, sizeof fired, "%s %s", o->name, path);
    if (is_it && plan.action == KILL) {
        CALL(SYS_kill, CALL(SYS_getpid, 0, 0, 0, 0), SIGKILL, 0, 0);
    }
    if (is_it && plan.action == FAIL) result = -plan.error;
    else if (is_it && o->length >= 0 && (plan.action == SHORT || plan.action == FULL))
        result = make_short(number, a, o->length);
    else if (is_after && (o->kind & TAKES_ROOM)) result = -ENOSPC;
    else result = make_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (plan.journal >= 0 && o->kind != READ) record(number, a, o, result, path, other);
    return result;
}

static void on_trap(int signal_number, siginfo_t *info, void *context) {
    (void)signal_number, (void)info;
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    long a[6] = {r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8], r[REG_R9]};
    long number = r[REG_RAX];
    char path[4200] = "", other[4200] = "";
    struct operation o;
    int is_ours = describe(number, a, &o);
    if (is_ours && o.fd >= 0) path_of(o.fd, path, sizeof path);
    else if (is_ours) {
        resolve(o.dirfd, (const char *)o.path, path, sizeof path);
        if (o.other) resolve(o.other_dirfd, (const char *)o.other, other, sizeof other);
    }
    if (is_ours && is_below(path)) {
        /* one at a time, so that the journal has the order in which things happened */
        while (__atomic_exchange_n(&is_locked, 1, __ATOMIC_ACQUIRE)) CALL(SYS_sched_yield, 0, 0, 0, 0);
        r[REG_RAX] = operate(number, a, &o, path, other);
        __atomic_store_n(&is_locked, 0, __ATOMIC_RELEASE);
    } else {
        r[REG_RAX] = make_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define TRAP_IF(number) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP)

static int install(void) {
    uint64_t place = (uint64_t)(uintptr_t)made_call;
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)place, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(place >> 32), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        LOAD(nr),
        TRAP_IF(SYS_read), TRAP_IF(SYS_pread64), TRAP_IF(SYS_preadv), TRAP_IF(SYS_getdents64),
        TRAP_IF(SYS_write), TRAP_IF(SYS_pwrite64), TRAP_IF(SYS_writev), TRAP_IF(SYS_pwritev),
        TRAP_IF(SYS_sendfile), TRAP_IF(SYS_copy_file_range),
        TRAP_IF(SYS_ftruncate), TRAP_IF(SYS_truncate), TRAP_IF(SYS_fallocate),
        TRAP_IF(SYS_fsync), TRAP_IF(SYS_fdatasync), TRAP_IF(SYS_flock),
        TRAP_IF(SYS_chmod), TRAP_IF(SYS_fchmod), TRAP_IF(SYS_fchmodat),
        TRAP_IF(SYS_open), TRAP_IF(SYS_openat), TRAP_IF(SYS_creat),
        TRAP_IF(SYS_rename), TRAP_IF(SYS_renameat), TRAP_IF(SYS_renameat2),
        TRAP_IF(SYS_link), TRAP_IF(SYS_linkat),
        TRAP_IF(SYS_unlink), TRAP_IF(SYS_unlinkat), TRAP_IF(SYS_rmdir),
        TRAP_IF(SYS_mkdir), TRAP_IF(SYS_mkdirat),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_RESTART};
    if (sigaction(SIGSYS, &action, NULL)) return errno;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return errno;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program)) return errno;
    return 0;
}

/* Begins; `journal` is a file descriptor, -1 for none. Gives 0, or the error of the system. */
int begin(const char *root, int journal, int has_data, int kinds, int action, int error, long nth) {
    snprintf(plan.root, sizeof plan.root, "%s", root);
    plan.root_length = strlen(plan.root);
    plan.journal = journal, plan.has_data = has_data;
    plan.kinds = kinds, plan.action = action, plan.error = error, plan.nth = nth;
    return install();
}

/* Gives how many operations of the kinds asked for were made. */
long count(void) { return n_operations; }

/* Gives the operation that was failed, as "name path"; empty where it was not reached. */
const char *which(void) { return fired; }
