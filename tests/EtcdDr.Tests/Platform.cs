using System.Runtime.Versioning;

// Modes, links and umasks are what some of these tests are about.
[assembly: SupportedOSPlatform("linux")]
