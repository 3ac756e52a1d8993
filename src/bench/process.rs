//! What the kernel tells of a process and of a thread.

use super::Failure;
use std::fs;
use std::time::Duration;

/// The kernel's unit for the times in `/proc/<pid>/stat`: a hundredth of a second wherever Linux runs today.
const TICKS_PER_SECOND: u64 = 100;

/// CPU time that a process has used, in user and system mode, all threads together.
///
/// # Errors
/// When the process is gone.
pub(super) fn cpu(pid: u32) -> Result<Duration, Failure> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    cpu_of_stat(&stat).ok_or_else(|| Failure::failed("the kernel tells CPU times in a way not known here"))
}

/// The name, which may hold anything, stands in parentheses before the fields; utime and stime are fields 14 and 15.
fn cpu_of_stat(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_ascii_whitespace().skip(11).map(str::parse::<u64>);
    let ticks = times.next()?.ok()? + times.next()?.ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// CPU time that the calling thread has used.
///
/// # Errors
/// When the kernel does not tell.
pub(super) fn cpu_of_thread() -> Result<Duration, Failure> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = stat.split_ascii_whitespace().next().and_then(|nanos| nanos.parse().ok());
    nanos.map(Duration::from_nanos).ok_or_else(|| Failure::failed("the kernel tells no CPU times of threads"))
}

/// Memory of a process that lies in RAM, in bytes.
///
/// # Errors
/// When the process is gone.
pub(super) fn resident(pid: u32) -> Result<u64, Failure> {
    memory(pid, "VmRSS:")
}

/// As [`resident`], the most that there ever was.
///
/// # Errors
/// When the process is gone.
pub(super) fn peak(pid: u32) -> Result<u64, Failure> {
    memory(pid, "VmHWM:")
}

fn memory(pid: u32, name: &str) -> Result<u64, Failure> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    of_status(&status, name).ok_or_else(|| Failure::failed("the kernel tells memory in a way not known here"))
}

fn of_status(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_writes() {
        let stat = "4242 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 9 0 1";
        assert_eq!(cpu_of_stat(stat), Some(Duration::from_secs(3)));
        assert_eq!(cpu_of_stat("1 (x) S"), None);
        assert_eq!(of_status("Name:\tx\nVmRSS:\t    2048 kB\nVmSwap: 0 kB\n", "VmRSS:"), Some(2 << 20));
        assert_eq!(of_status("Name:\tx\n", "VmRSS:"), None);
    }

    #[test]
    fn of_this_process() {
        let own = std::process::id();
        assert!(resident(own).unwrap() > 1 << 20);
        let before = cpu_of_thread().unwrap();
        let mut sum = 0u64;
        while cpu_of_thread().unwrap() < before + Duration::from_millis(30) {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(cpu(own).unwrap() >= Duration::from_millis(10), "{sum}");
        assert!(cpu(u32::MAX).is_err());
    }
}
