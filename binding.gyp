{
  "targets": [
    {
      "target_name": "millrace",
      "sources": ["<!@(node -p \"require('node:fs').readdirSync('native', { recursive: true }).filter((f) => f.endsWith('.cc')).map((f) => 'native/' + f).sort().join(' ')\")"],
      "include_dirs": ["<!@(node -p \"require('node-addon-api').include\")", "native"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_DEPRECATED", "NAPI_DISABLE_CPP_EXCEPTIONS",
                  "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags_cc!": ["-std=gnu++17", "-std=c++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O3", "-Wall", "-Wextra", "-Werror", "-fno-exceptions", "-fvisibility=hidden"]
    }
  ]
}
