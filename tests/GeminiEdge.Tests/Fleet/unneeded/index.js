// In place of packages that Azurite's table service loads and never calls.
module.exports = {};
