using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Thimble.Compute.Memory;

/// <summary>The system's cache of files.</summary>
internal static partial class PageCache
{
    /// <summary>Asks the system to forget a file's pages, so that it is read from the disk again.</summary>
    /// <param name="file">The file; what was written to it must have reached the disk.</param>
    /// <returns>Whether this system can be asked.</returns>
    public static bool Forget(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        bool added = false;
        try
        {
            file.DangerousAddRef(ref added);
            return Linux.Forget((int)file.DangerousGetHandle());
        }
        finally
        {
            if (added)
                file.DangerousRelease();
        }
    }

    [SupportedOSPlatform("linux")]
    private static partial class Linux
    {
        private const int DontNeed = 4;

        public static bool Forget(int file) => Advise(file, 0, 0, DontNeed) == 0;

        [LibraryImport("libc", EntryPoint = "posix_fadvise")]
        private static partial int Advise(int file, nint offset, nint length, int advice);
    }
}
