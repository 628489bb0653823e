// What the drivers share: a check that fails is named on standard error; the number of those that passed is the only output.
let checks = 0

export async function check(name, body) {
  try {
    await body()
    checks++
  } catch (fault) {
    console.error(`${name}: ${fault.stack}`)
    process.exitCode = 1
  }
}

export const report = () => console.log(checks)
